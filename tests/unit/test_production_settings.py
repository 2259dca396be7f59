"""Production refuses what only a demo may do, and says what to set instead."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOUND = {
    "DEPLOYMENT": "production",
    "SECRET_KEY": "s" * 50,
    "LOGIN_CODE_SECRET": "l" * 50,
    "CONTENT_HASH_SECRET": "c" * 50,
    "PUBLIC_HOST": "kias.example.ru",
    "OFFICE_PHONE": "+7 800 100-00-00",
    "INSURER_NAME": "АО «Страховщик»",
    "INSURER_INN": "7714406168",
    "INSURER_ADDRESS": "Москва",
    "INSURER_LICENCE": "СИ № 1",
    "INSURER_EMAIL": "checks@insurer.ru",
    "ALLOWED_HOSTS": "kias.example.ru",
    "DATABASE_URL": "postgres://kias@db/kias",
    "REDIS_URL": "redis://broker/0",
    "SMSC_API_KEY": "k",
    "SEALING_KEY_DIRS": "/srv/keys-a,/srv/keys-b",
    "AUDIT_STREAM": "/tmp",  # any folder that can be written
    "KIAS_URL": "https://kias.example.ru/ws",
    "KIAS_USER": "offline",
    "KIAS_PASSWORD": "a secret of our own",
}
TWILIO = {
    "SMS_GATEWAY": "twilio",
    "TWILIO_ACCOUNT_SID": "AC1",
    "TWILIO_AUTH_TOKEN": "t",
    "TWILIO_FROM": "KIAS",
}

pytestmark = pytest.mark.slow  # a process for each


def start(**changed: str) -> subprocess.CompletedProcess[str]:
    """Read the settings in a process of their own; an empty value is a variable that is not set."""
    wanted = {name: value for name, value in (SOUND | changed).items() if value}
    return subprocess.run(
        [sys.executable, "-c", "import kias_offline.settings"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **wanted},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "changed",
    [
        {},  # P26: the Russian provider needs no naming
        {"SMSC_API_KEY": "", "SMSC_LOGIN": "office", "SMSC_PASSWORD": "p"},
        TWILIO,
        TWILIO | {"SMS_GATEWAY": "smsc", "SMS_FALLBACK": "twilio"},
    ],
    ids=["smsc", "smsc by password", "twilio, expressly", "both"],
)
def test_a_sound_production_environment_starts(changed: dict[str, str]) -> None:
    done = start(**changed)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("changed", "remedy"),
    [
        ({"DEPLOYMENT": ""}, "Set DEPLOYMENT to demo, test or production"),
        ({"DATABASE_URL": "sqlite:///db.sqlite3"}, "Production needs PostgreSQL: set DATABASE_URL"),
        ({"SMS_GATEWAY": "console"}, "set SMS_GATEWAY=smsc"),
        ({"SMS_GATEWAY": "demo"}, "set SMS_GATEWAY=smsc"),
        ({"SMS_FALLBACK": "demo"}, "set SMS_GATEWAY=smsc"),
        ({"SMS_GATEWAY": "sms.ru"}, "to smsc, twilio, console or demo"),
        ({"SMS_FALLBACK": "smsc"}, "must be another provider"),
        ({"PUBLIC_HOST": "kias-office.example.ru"}, "PUBLIC_HOST has more than 19 signs"),
        ({"SMSC_API_KEY": ""}, "needs SMSC_API_KEY, or SMSC_LOGIN and SMSC_PASSWORD"),
        ({"SMSC_API_KEY": "", "SMSC_LOGIN": "office"}, "needs SMSC_API_KEY, or SMSC_LOGIN and SMSC_PASSWORD"),
        (TWILIO | {"TWILIO_FROM": ""}, "needs TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM"),
        ({"SMS_FALLBACK": "twilio"}, "needs TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM"),
        ({"KIAS_IS_SIMULATOR": "1"}, "unset KIAS_IS_SIMULATOR and set KIAS_URL"),
        ({"DEMO_DESK": "1"}, "unset DEMO_DESK"),
        ({"SECRET_KEY": ""}, "Set SECRET_KEY"),
        ({"SECRET_KEY": "only-for-demo-and-tests-0123456789"}, "SECRET_KEY still holds the demo's default"),
        ({"LOGIN_CODE_SECRET": "only-for-demo-and-tests-login-codes"}, "LOGIN_CODE_SECRET still holds"),
        ({"CONTENT_HASH_SECRET": "only-for-demo-and-tests-hashes"}, "CONTENT_HASH_SECRET still holds"),
        ({"KIAS_PASSWORD": "offline-demo"}, "KIAS_PASSWORD still holds the demo's default"),
        ({"ALLOWED_HOSTS": ""}, "Set ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "*"}, "Set ALLOWED_HOSTS"),
        ({"LOGIN_CODE_SECRET": "l" * 31}, "LOGIN_CODE_SECRET is too short: 32"),
        ({"CONTENT_HASH_SECRET": "l" * 50}, "must be three different secrets"),
        ({"SEALING_KEY_DIRS": ""}, "Set SEALING_KEY_DIRS to two folders"),
        ({"AUDIT_STREAM": ""}, "Set AUDIT_STREAM to a folder"),
        ({"AUDIT_STREAM": "/no/such/folder"}, "is no folder that this process can write"),
        ({"SEALING_KEY_DIRS": "/srv/keys-a"}, "SEALING_KEY_DIRS needs two folders"),
        ({"KIAS_URL": ""}, "Set KIAS_URL"),
        ({"KIAS_URL": "http://kias.example.ru/ws"}, "KIAS_URL must be https"),
        ({"KIAS_URL": "kias.example.ru/ws"}, "KIAS_URL must begin with http:// or https://"),
        ({"KIAS_CA_FILE": "/no/such/file.pem"}, "KIAS_CA_FILE: there is no such file"),
        ({"KIAS_CLIENT_KEY": __file__}, "KIAS_CLIENT_KEY needs KIAS_CLIENT_CERT"),
        ({"KIAS_PROXY": "proxy:3128"}, "KIAS_PROXY must begin with http:// or https://"),
        ({"KIAS_REPERTOIRE": "windows-12510"}, "KIAS_REPERTOIRE: no such character set"),
        ({"KIAS_TRANSLITERATION": "ДЖ=Ж"}, "KIAS_TRANSLITERATION is like"),
        ({"REDIS_URL": ""}, "Set REDIS_URL"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_production_refuses_to_start_and_names_the_remedy(changed: dict[str, str], remedy: str) -> None:
    done = start(**changed)
    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr
    assert remedy in done.stderr
