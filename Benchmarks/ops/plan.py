#!/usr/bin/env python3
"""Writes a plan for 10,000 devices in 5 datacentres, 4 ranges, 8 cohorts, over 50 links, in 101 waves."""
import hashlib
import json
import sys

DEVICES, LINKS, WAVE = 10_000, 50, 100
datacentres = ["bhs", "gra", "rbx", "sbg", "waw"]
ranges = ["adv", "eco", "hg", "scale"]
cohorts = [(f"DCS-70{model}", f"4.{firmware}.2F") for model in (50, 60) for firmware in (28, 29, 30, 31)]

def line(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"))

names = [f"{datacentres[n % 5]}-{ranges[n // 5 % 4]}-{n:05}" for n in range(DEVICES)]
links = [f"{datacentres[n % 5]}-core-{n // 5}" for n in range(LINKS)]
waves = [names[:1]] + [names[1 + start:1 + start + WAVE] for start in range(0, DEVICES - 1, WAVE)]
snmp = {"community": "env:COMMUNITY", "port": 161, "retries": 1, "timeout": "1s"}
head = {
    "change": {"name": "double-bandwidth"}, "createdAt": "2026-11-01T00:00:00.000Z",
    "datacentres": [{"name": name, "timeZone": "Europe/Paris"} for name in datacentres], "devices": [], "format": 3,
    "inputs": [], "inventory": "fleet",
    "links": [
        {
            "cap": 80_000_000_000, "measured": 41_000_000_000, "predicted": 62_000_000_000,
            "link": {
                "capacity": 100_000_000_000, "name": name,
                "counters": {"address": "198.18.0.1", "direction": "out", "interface": "uplink", "snmp": snmp},
            },
        } for name in links
    ],
    "policy": {
        "gates": [{"condition": {"errors": {"maximumPerSecond": 1}}, "name": "errors", "onFail": "pause"}], "name": "night",
        "peak": {"days": 1, "devices": 500}, "watch": {"baseline": "10m", "poll": "10s"},
    },
    "skipped": [], "tool": "0", "warnings": [],
    "waves": [
        {
            "after": [number - 1] if number else [], "binding": {"waveSize": {"devices": WAVE}}, "canary": number == 0,
            "devices": devices, "index": number,
            "predicted": [{"cap": 80_000_000_000, "link": name, "load": 41_000_000_000 + number * 210_000_000} for name in links],
            "soak": "10m",
        } for number, devices in enumerate(waves)
    ],
}
commons = {
    "configs": [], "groups": [[]], "intents": [[]], "links": [[name] for name in links], "snmp": [snmp],
    "ssh": [{}], "texts": [["e0"], []], "variables": [{}],
}
body = "\n".join([line(head), line(commons)] + [
    line({
        "device": {
            "address": "198.18.1.1", "datacentre": datacentres[n % 5], "domains": [{"kind": "pair", "value": f"p{n // 2}"}],
            "groups": 0, "hostname": name, "interfaces": 0, "links": n % LINKS, "name": name, "platform": "simulated",
            "range": ranges[n // 5 % 4], "snmp": 0, "ssh": 0, "tags": 1, "variables": 0,
        },
        "target": {
            "base": 0, "baseDigest": "0" * 64, "desired": 1, "firmware": cohorts[n % 8][1], "growth": 8_000_000, "intents": 0,
            "model": cohorts[n % 8][0],
        },
    }) for n, name in enumerate(names)
])
sys.stdout.write(f"rollout-plan 3 sha256:{hashlib.sha256(body.encode()).hexdigest()}\n{body}\n")
