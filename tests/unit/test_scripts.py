"""What `make` says and does when something is in the way, and that no process is left behind."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scripts import dev, processes, run, setup, terminal, testing
from scripts.processes import Child, Part, ProcessError
from scripts.system import ROOT
from scripts.terminal import SetupError
from tests.support.stack import wait_for

Start = Callable[..., Child]


@pytest.fixture
def make_child(tmp_path: Path) -> Iterator[Callable[[str], Child]]:
    children = []

    def make(code: str, name: str = "part") -> Child:
        child = Child(name, [sys.executable, "-c", code], log=tmp_path / f"{name}.log")
        children.append(child)
        return child

    yield make
    for child in children:
        child.kill()


@pytest.fixture
def own_var(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(run, "VAR", tmp_path / "var")
    monkeypatch.setattr(run, "LOGS", tmp_path / "var" / "log")
    return tmp_path / "var"


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


# --- one sentence with the remedy -----------------------------------------------------------------------


def test_a_taken_port_is_one_sentence_with_another_port_to_try(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        monkeypatch.setenv("PORT", str(taken))
        ports = run.Ports()
        with pytest.raises(SetupError, match=rf"^Port {taken} is taken .* PORT={taken + 100} make run\.$"):
            ports.refuse_taken([ports.web])


@pytest.mark.parametrize("given", ["x", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", given)
    with pytest.raises(SetupError, match="is no port: give a number"):
        run.Ports()


def test_a_second_start_from_the_same_folder_is_refused_and_names_the_first(own_var: Path) -> None:
    with (
        run.only_one(),
        pytest.raises(SetupError, match=rf"running from this folder already \(process {os.getpid()}\)"),
        run.only_one(),
    ):
        pass


def test_reset_refuses_while_the_system_runs_and_else_leaves_nothing_of_the_demo(own_var: Path) -> None:
    with run.only_one():
        (own_var / "keys-a").mkdir()
        (own_var / "db.sqlite3").touch()
        with pytest.raises(SetupError, match="Ctrl-C"):
            dev.reset()
        assert (own_var / "db.sqlite3").exists()
    assert dev.reset() == 0
    assert [path.name for path in own_var.iterdir()] == ["run.lock"]


def test_a_python_without_venv_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SetupError, match="apt install python3-venv"):
        setup._make_venv()


def test_a_failed_download_is_one_sentence_and_the_details_are_in_the_log(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    log = tmp_path / "setup.log"
    monkeypatch.setattr(terminal, "SETUP_LOG", log)
    monkeypatch.setattr(terminal, "ROOT", tmp_path)
    command = [sys.executable, "-c", "raise SystemExit('no route to host')"]
    with pytest.raises(SetupError, match=r"^Check the network\. \(Details: setup\.log\)$"):
        terminal.run_quietly(command, "Check the network.")
    assert "no route to host" in log.read_text()


def test_without_a_new_enough_python_make_says_so(tmp_path: Path) -> None:
    make = shutil.which("make")
    assert make
    said = subprocess.run([make, "PYTHON=", "run"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert said.returncode != 0
    assert "Python 3.11 or newer is needed: install it" in said.stderr


def test_help_lists_every_target_and_every_target_has_its_command(capsys: pytest.CaptureFixture[str]) -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[0].split()
    dev.show_help()
    listed = re.findall(r"^  make (\S+)", capsys.readouterr().out, re.MULTILINE)
    assert listed == targets
    called = re.findall(r"\$\(DEV\) (\S+)", makefile)
    assert len(called) == len(targets)
    assert set(called) <= set(dev.COMMANDS)


def test_the_last_lines_say_what_to_open_and_whom_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "8100")
    said = run.welcome(run.Ports(), 4)
    for word in (
        "127.0.0.1:8100/demo/",
        "127.0.0.1:8100/admin/",
        "+7 900 000-00-01",
        "office-demo",
        ":8110/",
    ):
        assert word in said


# --- processes ------------------------------------------------------------------------------------------


def test_stopping_a_process_ends_its_children_too(make_child: Start) -> None:
    parent = make_child(
        "import subprocess, sys, time\n"
        "grandchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(grandchild.pid, flush=True); time.sleep(600)"
    )
    parent.start()
    pid = int(wait_for(parent.said, "the grandchild's number"))
    assert is_running(pid)
    parent.stop()
    wait_for(lambda: not is_running(pid), "the end of the grandchild")
    assert not parent.alive


def test_a_process_that_ignores_the_polite_signal_is_ended_all_the_same(make_child: Start) -> None:
    deaf = make_child(
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); "
        "time.sleep(600)"
    )
    deaf.start()
    wait_for(deaf.said, "its word")
    deaf.stop(grace=0.2)
    assert deaf.exit_code == -signal.SIGKILL


def test_a_part_that_dies_while_starting_is_named_with_its_last_words(make_child: Start) -> None:
    fine = make_child("import time; time.sleep(600)", name="web")
    broken = make_child("raise SystemExit('no such table')", name="worker")
    with pytest.raises(ProcessError, match=r"(?s)worker ended instead of starting:.*no such table"):
        processes.start_all([Part(fine, lambda: False), Part(broken, lambda: False)])


def test_a_dead_part_is_started_again_and_one_that_keeps_dying_stops_everything(
    make_child: Start, own_var: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fine = make_child("import time; time.sleep(600)", name="web")
    broken = make_child("raise SystemExit('out of luck')", name="worker")
    supervisor = run.Supervisor()
    supervisor.parts = {"web": Part(fine, lambda: True), "worker": Part(broken, lambda: True)}
    fine.start()
    broken.start()
    with (
        pytest.raises(SetupError, match=r"(?s)worker ended .*out of luck.*3 times within a minute"),
        supervisor.stopping_all(),
    ):
        supervisor.watch()
    assert capsys.readouterr().out.count("Starting worker again.") == run.DEATHS - 1
    assert not fine.alive


def test_sigterm_ends_every_part(make_child: Start) -> None:
    fine = make_child("import time; time.sleep(600)", name="web")
    supervisor = run.Supervisor()
    supervisor.parts = {"web": Part(fine, lambda: True)}
    with supervisor.stopping_all():
        fine.start()
        os.kill(os.getpid(), signal.SIGTERM)
        supervisor.watch()
    assert not fine.alive


# --- the closing lines of make test ---------------------------------------------------------------------


def report(**parts: bool) -> testing.Report:
    made = testing.Report()
    for name, ok in parts.items():
        made.part(name, ok, "…", 1)
    made.count("12 passed, 1 skipped in 3.10s")
    return made


def test_what_could_not_run_is_said_in_the_last_line_and_fails_in_ci(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    incomplete = report(tests=True)
    incomplete.not_run.append("browser tests (no Chromium: apt install chromium)")
    monkeypatch.delenv("CI", raising=False)
    assert incomplete.close() == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "NOT RUN: browser tests (no Chromium: apt install chromium)"
    monkeypatch.setenv("CI", "true")
    assert incomplete.close() == 1


def test_a_failed_part_fails_the_run_and_the_counts_are_one_plain_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CI", raising=False)
    assert report(tests=True).close() == 0
    assert "\n12 passed, 0 failed, 1 skipped\n" in capsys.readouterr().out
    assert report(checks=False, tests=True).close() == 1
    assert "\n12 passed, 1 failed, 1 skipped\n" in capsys.readouterr().out


def test_a_stamp_changes_with_the_words_of_a_file_and_with_its_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    one, other = tmp_path / "a", tmp_path / "b"
    one.write_text("x")
    other.write_text("x")
    before = setup.digest([one])
    assert setup.digest([one]) == before
    assert setup.digest([other]) != before
    one.write_text("y")
    assert setup.digest([one]) != before


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What would have been run, on a Debian where we are root and none of the programs is installed."""
    run_instead: list[str] = []
    monkeypatch.setattr(testing.tools, "postgres_folder", lambda: None)
    monkeypatch.setattr(testing.tools, "chromium", lambda: None)
    monkeypatch.setattr(testing.tools, "found", lambda program: False)
    engines = {name: f"{name}: apt install …" for name in testing.tools.OF_ENGINES}
    monkeypatch.setattr(testing.tools, "missing_engines", lambda: engines)
    monkeypatch.setattr(testing.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(testing.os, "geteuid", lambda: 0)
    monkeypatch.setattr(
        testing, "run_quietly", lambda command, *_, **__: run_instead.append(" ".join(command))
    )
    return run_instead


def test_what_is_missing_on_debian_is_installed(commands: list[str]) -> None:
    testing._install_servers()
    assert commands == [
        "apt-get update",
        "apt-get install -y --no-install-recommends postgresql chromium fonts-dejavu-core "
        "chromium-driver firefox-esr webkit2gtk-driver gir1.2-webkit2-4.1 python3-gi xvfb "
        "nginx-light redis-server docker-compose",
    ]


def test_nothing_is_installed_where_we_are_not_root(
    commands: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(testing.os, "geteuid", lambda: 1000)
    testing._install_servers()
    assert commands == []


def test_without_a_chromium_the_browser_tests_are_named_as_not_run(commands: list[str]) -> None:
    made = testing.Report()
    testing._browser(made)
    assert made.not_run == [
        "browser tests (no Chromium: apt install chromium, or put chromium or google-chrome on PATH)"
    ]
