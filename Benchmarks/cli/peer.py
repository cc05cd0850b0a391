"""The same change by scrapli: read, session, 20 lines, diff, commit under a timer, read; on a second session read, commit, save."""
import asyncio
import os

from scrapli.driver.core import AsyncEOSDriver

FOLDER, PORT = os.environ["BENCH_DIR"], int(os.environ["PORT"])
LINES = [line for port in range(1, 11) for line in (f"interface Ethernet{port}", "shape rate 100000 kbps")]


def driver(address):
    return AsyncEOSDriver(
        host=address,
        port=PORT,
        auth_username="root",
        auth_private_key=f"{FOLDER}/userkey",
        auth_strict_key=False,
        auth_secondary=os.environ["BENCH_ENABLE"],
        ssh_known_hosts_file=f"{FOLDER}/known_hosts",
        transport="asyncssh",
        timeout_socket=60,
        timeout_transport=60,
        timeout_ops=60,
    )


async def push(address):
    async with driver(address) as first:
        await first.send_command("show version")
        before = (await first.send_command("show running-config")).result
        assert "shape rate 50000" in before, before
        first.register_configuration_session("bench-change")
        await first.send_configs(LINES, privilege_level="bench-change")
        await first.acquire_priv("bench-change")
        diff = (await first.send_config("show session-config diffs", privilege_level="bench-change")).result
        assert "shape rate 100000" in diff, diff
        await first.send_config("commit timer 00:10:00", privilege_level="bench-change")
        await first.acquire_priv("privilege_exec")
        after = (await first.send_command("show running-config")).result
        assert after.count("shape rate 100000") == 10, after
    async with driver(address) as second:
        again = (await second.send_command("show running-config")).result
        assert again.count("shape rate 100000") == 10, again
        await second.send_command("configure session bench-change commit")
        await second.send_command("copy running-config startup-config")


async def main():
    gate = asyncio.Semaphore(int(os.environ["WINDOW"]))

    async def one(address):
        async with gate:
            await push(address)

    addresses = [line.split()[0] for line in open(f"{FOLDER}/hosts", encoding="utf-8")]
    await asyncio.gather(*(one(address) for address in addresses))


asyncio.run(main())
