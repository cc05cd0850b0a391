"""Runs a shell command, and prints what it and its children used: usage.py NAME COMMAND."""
import os
import resource
import subprocess
import sys
import time

start = time.monotonic()
status = subprocess.run(sys.argv[2], shell=True).returncode
wall = time.monotonic() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
cpu = used.ru_utime + used.ru_stime
count = int(os.environ["N"])
print(
    f"{sys.argv[1]:9} N={count} W={os.environ['WINDOW']} {'ok' if status == 0 else 'FAILED'} wall={wall:.2f} s "
    f"cpu={cpu:.2f} s ({1000 * cpu / count:.1f} ms/device) rss={used.ru_maxrss} KB"
)
sys.exit(status)
