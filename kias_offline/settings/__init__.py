"""All settings, from environment variables. What is missing or dangerous stops the start with the remedy.

`DEPLOYMENT` is `demo` (what `make run` starts), `test`, or `production`. Production refuses SQLite, a console
or demo SMS gateway, the KIAS simulator, the demo desk and default secrets.

A file for each topic; the rest of the code reads them all from `django.conf.settings`.
"""

from kias_offline.settings.app import *
from kias_offline.settings.environment import *
from kias_offline.settings.kias import *
from kias_offline.settings.office import *
from kias_offline.settings.people import *
from kias_offline.settings.receipts import *
from kias_offline.settings.safekeeping import *
from kias_offline.settings.server import *
from kias_offline.settings.sms import *
from kias_offline.settings.stores import *
from kias_offline.settings.watching import *
