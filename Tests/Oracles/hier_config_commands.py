"""Asks hier_config for the commands between pairs of configurations.

Reads a JSON list of {"platform", "running", "intended"} and writes a list of lists of commands, indented by their sections; a
string instead of a list is what it complained of.
"""

import json
import logging
import sys

from hier_config import Platform, WorkflowRemediation, get_hconfig


def commands(pair):
    platform = Platform[pair["platform"]]
    try:
        running, intended = (get_hconfig(platform, pair[side]) for side in ("running", "intended"))
        remediation = WorkflowRemediation(running, intended).remediation_config
        return [line.cisco_style_text() for line in remediation.all_children_sorted()]
    except Exception as error:  # Whatever it is, it belongs to this pair.
        return f"{type(error).__name__}: {error}"


logging.disable(logging.CRITICAL)
json.dump([commands(pair) for pair in json.load(sys.stdin)], sys.stdout)
