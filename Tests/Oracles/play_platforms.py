"""Plays network devices with simnos or fakenos until its input ends: play_platforms.py PACKAGE KEY PLATFORM=PORT...

KEY is the file of the host key of all. They are called r-PLATFORM, with dashes, and take admin and secret. Says
`ready` once all of them listen.
"""

import importlib
import logging
import sys

import paramiko

package, key, *hosts = sys.argv[1:]
module = importlib.import_module(package)
# They read RSA keys only; the servers behind them take any.
rsa = paramiko.RSAKey.from_private_key_file
paramiko.RSAKey.from_private_key_file = lambda path, password=None: any_key(path, password)


# Beside other tests a client may take long, which is not what is tested.
begin = paramiko.Transport.__init__


def patient(self, *arguments, **options):
    begin(self, *arguments, **options)
    self.banner_timeout = self.handshake_timeout = self.auth_timeout = 300


paramiko.Transport.__init__ = patient


def any_key(path, password):
    try:
        return rsa(path, password)
    except paramiko.SSHException:
        return paramiko.Ed25519Key.from_private_key_file(path, password)


player = {"simnos": "SimNOS", "fakenos": "FakeNOS"}[package]
logging.disable(logging.CRITICAL)
inventory = {
    "default": {
        "username": "admin",
        "password": "secret",
        "server": {
            "plugin": "ParamikoSshServer",
            "configuration": {"address": "127.0.0.1", "timeout": 1, "ssh_key_file": key},
        },
    },
    "hosts": {
        "r-" + platform.replace("_", "-"): {"platform": platform, "port": int(port)}
        for platform, port in (host.split("=") for host in hosts)
    },
}
net = getattr(module, player)(inventory=inventory)
net.start()
print("ready", flush=True)
sys.stdin.read()
net.stop()
