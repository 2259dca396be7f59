"""Sealing keys: two copies before a phone gets one, every copy good for opening (P06, F40)."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from sync import sealing_keys
from sync.sealing_keys import NoSealingKeyError


@pytest.fixture
def folders(tmp_path, settings):
    settings.SEALING_KEY_DIRS = [tmp_path / "a", tmp_path / "b"]
    return settings.SEALING_KEY_DIRS


def current_id() -> str:
    return sealing_keys.key_id(sealing_keys.raw_public_key(sealing_keys.current()))


def test_no_key_is_said_and_not_made_up(folders):
    with pytest.raises(NoSealingKeyError):
        sealing_keys.current()


def test_a_new_key_lies_in_all_folders_for_the_server_alone(folders):
    made = sealing_keys.make()
    files = [path for folder in folders for path in folder.iterdir()]
    assert len(files) == 2
    assert all(path.name.endswith(f"-{made}.pem") and path.stat().st_mode & 0o777 == 0o600 for path in files)
    assert current_id() == made


def test_f40_rotation_adds_and_old_keys_still_open(folders):
    old, new = sealing_keys.make(), sealing_keys.make()
    first = {path.name.rsplit("-", 1)[1]: path for path in folders[0].iterdir()}
    for folder in folders:  # both were made within one second: let the new one be a day younger
        path = folder / first[f"{new}.pem"].name
        path.rename(folder / f"29991231T000000Z-{new}.pem")
    assert current_id() == new
    assert sealing_keys.find(old) is not None


def test_f40_a_key_with_one_copy_opens_but_is_given_to_nobody(folders):
    made = sealing_keys.make()
    for path in folders[0].iterdir():
        path.unlink()
    with pytest.raises(NoSealingKeyError):
        sealing_keys.current()
    assert sealing_keys.find(made) is not None


def test_f40_a_damaged_copy_is_passed_over(folders):
    made = sealing_keys.make()
    for path in folders[0].iterdir():
        path.write_bytes(b"-----BEGIN PRIVATE KEY-----\nnot one\n-----END PRIVATE KEY-----\n")
    assert sealing_keys.find(made) is not None
    with pytest.raises(NoSealingKeyError):
        sealing_keys.current()


def test_f40_a_file_under_a_foreign_name_is_not_believed(folders):
    made = sealing_keys.make()
    for folder in folders:
        for path in folder.iterdir():
            path.rename(folder / "20260101T000000Z-0123456789abcdef.pem")
    assert sealing_keys.find("0123456789abcdef") is None
    assert sealing_keys.find(made) is None


@pytest.mark.parametrize("wanted", ["", "../../etc/passwd", "*", "0123456789ABCDEF", "0123456789abcdef0"])
def test_a_strange_key_id_finds_nothing(folders, wanted):
    sealing_keys.make()
    assert sealing_keys.find(wanted) is None


def test_the_command_prints_the_id_alone(folders):
    out = StringIO()
    call_command("make_sealing_key", stdout=out)
    assert out.getvalue().strip() == current_id()


def test_the_command_leaves_an_existing_key_where_asked_to(folders):
    made = sealing_keys.make()
    call_command("make_sealing_key", "--if-missing", stdout=StringIO())
    assert [path.name.rsplit("-", 1)[1] for path in folders[0].iterdir()] == [f"{made}.pem"]


def test_a_folder_that_cannot_be_written_is_named(folders):
    folders[1].write_text("a file where the folder should be")
    with pytest.raises(CommandError, match="SEALING_KEY_DIRS"):
        call_command("make_sealing_key", stdout=StringIO())
