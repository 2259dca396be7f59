"""What a person reads on a page of ours, and whether it is Russian."""

import re

from lxml import html

#: Names and abbreviations that Russians write in Latin letters; everything else in English is a slip.
LATIN_WORDS = {
    "SMS", "KIAS", "ISN", "ExternalId", "id", "Id", "mail", "QR", "RRN", "ICCID", "XML", "JSON",
    "Android", "Chrome", "iPhone", "Safari", "Control", "Command", "Mac", "Asia", "Krasnoyarsk", "office",
}  # fmt: skip
_WORD = re.compile(r"[A-Za-z]{2,}")
_ATTRIBUTES = ("title", "placeholder", "aria-label", "alt", "data-label", "data-tooltip")
_NOT_READ = "//script | //style | //*[contains(@class, 'material-symbols')] | //code | //pre | //kbd"


def english(page: bytes, *, known: set[str] = frozenset()) -> set[str]:  # type: ignore[assignment]
    """The Latin words that a person sees or hears on the page, but for those that belong there."""
    tree = html.fromstring(page.decode())
    for hidden in tree.xpath(_NOT_READ):
        hidden.drop_tree()
    seen = [text for text in tree.xpath("//text()") if text.strip()]
    for attribute in _ATTRIBUTES:
        seen += tree.xpath(f"//@{attribute}")
    seen += tree.xpath("//input[@type='submit' or @type='button']/@value")
    return {word for text in seen for word in _WORD.findall(text)} - LATIN_WORDS - known
