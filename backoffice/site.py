"""The office's admin site."""

from unfold.sites import UnfoldAdminSite


class OfficeSite(UnfoldAdminSite):
    """Django's admin under the office's name and theme."""
