"""Asks NAPALM what a configuration would add to another.

Reads a JSON list of {"platform", "running", "candidate"} and writes a list of texts: the lines of the candidate that are missing, below the
lines that they stand in. NX-OS is asked of NAPALM's driver, which works this out itself instead of asking the device; the others are asked of
what that driver calls.
"""

import json
import logging
import sys

from napalm.nxos_ssh import NXOSSSHDriver
from netutils.config.compliance import diff_network_config


class OnPaper(NXOSSSHDriver):
    """NAPALM's driver with a configuration in the place of a device."""

    def __init__(self, running, candidate):
        self.running, self.merge_candidate = running, candidate

    def get_config(self, *_, **__):
        return {"running": self.running}


def missing(pair):
    running, candidate = pair["running"], pair["candidate"]
    if pair["platform"] == "cisco_nxos":
        return OnPaper(running, candidate)._get_merge_diff()
    return diff_network_config(candidate, running, pair["platform"])


logging.disable(logging.CRITICAL)
json.dump([missing(pair) for pair in json.load(sys.stdin)], sys.stdout)
