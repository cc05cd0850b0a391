#!/usr/bin/env python3
"""Asks every panel's question over a day, a week and all days, as Grafana would: how long each takes, and the plans of the slowest.

panels.py SOCKET UNTIL DAYS [EXPLAINED]"""
import glob
import json
import os
import re
import statistics
import subprocess
import sys
from datetime import datetime, timedelta

socket, until, days = sys.argv[1], datetime.strptime(sys.argv[2], "%Y-%m-%dT%H:%M:%SZ"), int(sys.argv[3])
explained = int(sys.argv[4]) if len(sys.argv) > 4 else 3
root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

def psql(script):
    ran = subprocess.run(
        ["/usr/lib/postgresql/15/bin/psql", "-X", "-At", "-v", "ON_ERROR_STOP=1", "-h", socket, "-U", "rollout_viewer", "-d", "postgres"],
        input=script, capture_output=True, text=True, env={**os.environ, "TZ": "UTC", "PGTZ": "UTC"})
    if ran.returncode:
        sys.exit(f"{ran.stderr}\n{script}")
    return ran.stdout.rstrip("\n").split("\n")

def literal(text):
    return "'" + text.replace("'", "''") + "'"

def expanded(sql, variables, start, step):
    def time(at):
        return at.strftime("'%Y-%m-%dT%H:%M:%SZ'")
    sql = sql.replace("$__interval", f"{step}s")
    sql = re.sub(r"\$\{(\w+):sqlstring\}", lambda name: ",".join(map(literal, variables[name[1]])), sql)
    sql = re.sub(r"\$__timeFilter\(([^()]*)\)", lambda column: f"{column[1]} BETWEEN {time(start)} AND {time(until)}", sql)
    sql = sql.replace("$__timeFrom()", time(start)).replace("$__timeTo()", time(until))
    epoch = datetime(1970, 1, 1)
    sql = sql.replace("$__unixEpochFrom()", str(int((start - epoch).total_seconds())))
    sql = sql.replace("$__unixEpochTo()", str(int((until - epoch).total_seconds())))
    assert "$" not in sql, sql
    return sql

every = {
    "datacentre": psql("SELECT DISTINCT datacentre FROM places ORDER BY 1"), "range": psql("SELECT DISTINCT range FROM places ORDER BY 1"),
    "link": psql("SELECT link FROM newest_links ORDER BY 1"), "device": ["gra-eco-00026"], "verdict": psql("SELECT max(sequence) FROM gate_verdicts"),
}
newest = psql("SELECT max(rollout) FROM titles")
slowest = []
print(f"{'dashboard':10} {'panel':48} {'':>6} {'rows':>6} {'first ms':>9} {'median ms':>9}")
for span, step in [(1, 120), (7, 900), (days, 3600)]:
    start = until - timedelta(days=span)
    for path in sorted(glob.glob(f"{root}/dashboards/*.json")):
        board = json.load(open(path))
        # On the dashboard of gates all rollouts can be chosen; that is its most expensive choice.
        rollouts = psql("SELECT rollout FROM titles") if board["uid"] == "rollout-gates" else newest
        questions = [("list of " + v["name"], v["query"]) for v in board["templating"]["list"] if v["type"] == "query"]
        questions += [(p["title"], p["targets"][0]["rawSql"]) for p in board["panels"]]
        for title, question in questions:
            chosen = newest if "verdict" in question else rollouts
            sql = expanded(question, {**every, "rollout": chosen}, start, step)
            said = psql("\\timing on\n" + (sql + ";\n") * 6)
            times = [float(line.split()[1]) for line in said if line.startswith("Time: ")]
            rows = (len([line for line in said if not line.startswith(("Time: ", "Timing "))])) // len(times)
            middle = statistics.median(times[1:])
            slowest.append((middle, board["title"], title, span, sql))
            print(f"{board['title'][:10]:10} {title[:48]:48} {span:>4} d {rows:>6} {times[0]:>9.1f} {middle:>9.1f}{'  OVER 200 ms' if middle > 200 else ''}", flush=True)
slowest.sort(reverse=True)
print(f"\n{len(slowest)} questions, slowest {slowest[0][0]:.1f} ms, median {statistics.median(entry[0] for entry in slowest):.1f} ms")
for middle, board, title, span, sql in slowest[:explained]:
    print(f"\n== {board}: {title}, {span} d, {middle:.1f} ms\n{sql}\n")
    print("\n".join(psql("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) " + sql)))
