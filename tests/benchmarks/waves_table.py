"""The wave kernels beside Devito, in turns, as the table of docs/performance.md.

Usage: waves_table.py BENCH_WAVES [--peer PYTHON] [--rows acoustic3d,..] [--orders 4,8,16] [--threads 1,2]
                      [--rounds 3] [--json FILE]
BENCH_WAVES is the program bench_waves of a build for this machine (cmake --preset native); PYTHON an interpreter that
has Devito, without which its columns stay empty. Each round runs lop, then the peer, row by row; the table has the
medians of the rounds.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

PEER_ROWS = {"acoustic2d", "acoustic3d", "density3d", "elastic3d"}


def run(command, threads):
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads))
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def measure(options):
    peer = Path(__file__).with_name("peers_waves.py")
    results = {}
    for _ in range(options.rounds):
        for row in options.rows.split(","):
            for order in options.orders.split(","):
                for threads in options.threads.split(","):
                    work = ["--rows", row, "--orders", order, "--repeat", "3"]
                    kept = results.setdefault((row, int(order), int(threads)), {"lop": [], "peer": []})
                    kept["lop"].append(run([options.bench, *work], threads))
                    if options.peer and row in PEER_ROWS:
                        kept["peer"].append(run([options.peer, str(peer), *work], threads))
    return results


def median(results, key):
    return statistics.median(result[key] for result in results) if results else None


def table(results):
    lines = [
        "| equation, order, threads | bytes | lop, GPts/s | of the bound | Devito, GPts/s | ratio | first result, s: lop, Devito |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for (row, order, threads), kept in sorted(results.items()):
        own, peer = kept["lop"], kept["peer"]
        gpts, other = median(own, "gpts"), median(peer, "gpts")
        beside = f"{other:.2f} | {gpts / other:.1f}" if peer else "- | -"
        first = f"{median(own, 'first_result_s'):.1f}, " + (f"{median(peer, 'first_result_s'):.0f}" if peer else "-")
        lines.append(f"| {row} {order}, {threads} | {own[0]['bytes']} | {gpts:.2f} | {median(own, 'of_bound'):.2f} "
                     f"| {beside} | {first} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bench")
    parser.add_argument("--peer")
    parser.add_argument("--rows", default="acoustic3d,acoustic3d_t4,density3d,visco3d,elastic3d,acoustic2d,elastic2d")
    parser.add_argument("--orders", default="4,8,16")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results = measure(options)
    if options.json:
        options.json.write_text(json.dumps([[*key, kept] for key, kept in results.items()], indent=1))
    print(table(results))


if __name__ == "__main__":
    main()
