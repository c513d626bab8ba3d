"""The wave benchmarks beside their peers, in turns, as the tables of docs/performance.md.

Usage: waves_table.py BENCH_WAVES [--devito PYTHON] [--deepwave PYTHON] [--parts agreement,kernels,shot,ranks]
                      [--rows acoustic3d,shot2d_gradient,..] [--orders 4,8,16] [--threads 1,2] [--rounds 5] [--repeat 3]
                      [--quick] [--json FILE] [--write docs/performance.md]
       waves_table.py --tables FILE,FILE,.. [--write docs/performance.md]
BENCH_WAVES is the program bench_waves of a build for this machine (cmake --preset native); PYTHON an interpreter that has
Devito or deepwave, without which its columns stay empty. Each round runs, row by row, lop and then the peers, between two
readings of the memory's bandwidth; tables have the medians of the rounds whose two readings agree to 10 %, or, marked with
a star, of all rounds where fewer than half do. `agreement` first compares what all compute on a small grid, and fails above
the limit. --quick takes a few rows on small sizes, once, in about a minute: does it all work? --write puts the tables into
the page, between the comments that hold their place. FILE has what every program said, and is written after every row of a
round. With --tables FILE,FILE,.. nothing is run: the tables are made of these files, a row of a later one in the place of the
same row of an earlier one.
"""

import argparse
import array
import dataclasses
import functools
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
KERNEL_ROWS = ("acoustic3d", "acoustic3d_t4", "density3d", "visco3d", "elastic3d", "acoustic2d", "elastic2d")
DEVITO_KERNEL_ROWS = ("acoustic2d", "acoustic3d", "density3d", "elastic3d")
SHOT_ROWS = {
    "shot2d_forward": "forward",
    "shot2d_gradient": "gradient",
    "shot2d_born": "Born",
    "shot2d_dft10": "forward + DFT of 10 frequencies",
    "shot2d_dft20": "forward + DFT of 20 frequencies",
}
COMB_ROWS = ("shot2d_gradient", "shot2d_born", "shot2d_dft10", "shot2d_dft20")  # of lop
PEER_COMB_ROWS = ("shot2d_gradient", "shot2d_dft10", "shot2d_dft20")
RANK_ROWS = ("shot2d_forward", "shot2d_gradient", "shot2d_born")
QUICK_SIZES = {"kernels": ["--grid", "64", "--steps", "20"], "shot": ["--grid", "201", "--steps", "504"]}
QUICK_ROWS = ("acoustic3d", "shot2d_forward", "shot2d_gradient")
SMALL_POINTS = 201
SMALL = ["--grid", str(SMALL_POINTS), "--steps", "504", "--orders", "8", "--repeat", "1"]
NO_REFLECTION = ["--layers", "160"]  # where a damping layer of 40 cells returns some percent
LARGEST_DIFFERENCE = 0.02  # of a peer
EVERY_STEP = "lop, every step"
NO_LAYERS = "lop, no layers"
SAME_BANDWIDTH = 0.1
BEGIN, END = "<!-- waves_table.py: begin -->", "<!-- waves_table.py: end -->"


@dataclasses.dataclass
class Run:
    """One program on one row; `label` is its column."""

    label: str
    command: list
    threads: int
    ranks: int = 1


@dataclasses.dataclass
class Case:
    """Runs that stand in one line of a table, and what they reported in each round."""

    part: str
    row: str
    order: int
    threads: int
    runs: list
    commit: str
    rounds: list = dataclasses.field(default_factory=list)

    def key(self):
        return [self.part, self.row, self.order, self.threads]

    def agreeing(self):
        return [r for r in self.rounds if r["bandwidth"]["agrees"]]

    def is_marked(self):
        return 2 * len(self.agreeing()) < len(self.rounds)

    def kept(self):
        return self.rounds if self.is_marked() else self.agreeing()

    def has(self, label):
        return any(label in r for r in self.rounds)

    def median(self, label, key):
        values = [r[label][key] for r in self.kept() if label in r]
        return statistics.median(values) if values else None

    def first(self, label, key):
        return next((r[label][key] for r in self.rounds if label in r), None)

    def bandwidth(self, key):
        return statistics.median(x for r in self.kept() for x in r["bandwidth"][key])


class Programs:
    """Where the programs are, and how one is run: with a folder for temporary files that keeps the code Devito compiles
    for a run from its first round to the last, and no longer."""

    def __init__(self, options, cache):
        self.options = options
        self.cache = cache

    def run(self, command, threads, ranks=1, folder="others"):
        temporary = Path(self.cache) / folder
        temporary.mkdir(exist_ok=True)
        environment = dict(os.environ, OMP_NUM_THREADS=str(threads), TMPDIR=str(temporary))
        if ranks > 1:
            command = [*self.options.mpirun.split(), str(ranks), *command]
            for key in ("OMP_PROC_BIND", "OMP_PLACES"):  # by which every rank would begin at the first core
                environment.pop(key, None)
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}: {done.stderr[-2000:]}")
        return json.loads(done.stdout.strip().splitlines()[-1])

    def lop(self, *work):
        return [self.options.bench, *work]

    def devito(self, *work):
        return [self.options.devito, str(HERE / "peers_waves.py"), *work]

    def deepwave(self, *work):
        return [self.options.deepwave, str(HERE / "peers_deepwave.py"), *work]

    def bandwidth(self, threads):
        return self.run(self.lop("--rows", "bandwidth", "--orders", "8"), threads)


# ---- what is run ------------------------------------------------------------------------------


def rows_of(options, rows):
    return [row for row in rows if row in options.rows]


def sizes(options, part):
    return [*(QUICK_SIZES[part] if options.quick else []), "--repeat", str(options.repeat)]


@functools.cache
def commit():
    return output_of(["git", "-C", str(HERE), "rev-parse", "--short", "HEAD"]) or "without a commit"


def kernel_cases(options, programs):
    for row in rows_of(options, KERNEL_ROWS):
        for order in options.orders:
            for threads in options.threads:
                work = ["--rows", row, "--orders", str(order), *sizes(options, "kernels")]
                runs = [Run("lop", programs.lop(*work), threads),
                        Run(NO_LAYERS, programs.lop(*work, "--layers", "0"), threads)]
                if options.devito and row in DEVITO_KERNEL_ROWS:
                    runs.append(Run("Devito", programs.devito(*work), threads))
                yield Case("kernels", row, order, threads, runs, commit())


def comb_of(programs, row):
    """lop's own; it depends on the wavelet and on the time step alone."""
    return programs.run(programs.lop("--rows", row, *SMALL), 1)["every"]


def shot_runs(options, programs, row, threads, work, comb):
    """All as they come; and, where a comb is used, each with the other's."""
    runs = [Run("lop", programs.lop(*work), threads)]
    peers = [("Devito", options.devito, programs.devito)]
    if "dft" not in row:
        peers.append(("deepwave", options.deepwave, programs.deepwave))
    if row in COMB_ROWS:
        runs.append(Run(EVERY_STEP, programs.lop(*work, "--every", "1"), threads))
    for name, is_there, command in peers:
        if is_there:
            runs.append(Run(name, command(*work), threads))
            if row in PEER_COMB_ROWS:
                runs.append(Run(f"{name}, comb", command(*work, "--every", str(comb)), threads))
    return runs


def shot_cases(options, programs):
    for row in rows_of(options, SHOT_ROWS):
        work = ["--rows", row, "--orders", "8", *sizes(options, "shot")]
        comb = comb_of(programs, row)
        for threads in options.threads:
            yield Case("shot", row, 8, threads, shot_runs(options, programs, row, threads, work, comb), commit())


def rank_cases(options, programs):
    ranks = max(options.threads)
    for row in rows_of(options, RANK_ROWS) if ranks > 1 else ():
        work = ["--rows", row, "--orders", "8", *sizes(options, "shot")]
        runs = [Run("threads", programs.lop(*work), ranks), Run("ranks", programs.lop(*work), 1, ranks)]
        yield Case("ranks", row, 8, ranks, runs, commit())


CASES = {"kernels": kernel_cases, "shot": shot_cases, "ranks": rank_cases}


def agree(readings):
    return max(readings) <= (1 + SAME_BANDWIDTH) * min(readings)


def run_round(case, programs, folder):
    before = programs.bandwidth(case.threads)
    done = {run.label: programs.run(run.command, run.threads, run.ranks, f"{folder}.{place}")
            for place, run in enumerate(case.runs)}
    after = programs.bandwidth(case.threads)
    readings = {key: [before[key], after[key]] for key in ("copy", "triad")}
    readings["agrees"] = all(agree(values) for values in list(readings.values()))
    case.rounds.append({**done, "bandwidth": readings})


def measure(options, programs, record):
    record.cases = [case for part in options.parts if part in CASES for case in CASES[part](options, programs)]
    for turn in range(options.rounds):
        for place, case in enumerate(record.cases):
            print(f"round {turn + 1} of {options.rounds}: {case.row} {case.order}, {case.threads}", file=sys.stderr)
            run_round(case, programs, str(place))
            record.save(options.json)


# ---- whether all compute the same -------------------------------------------------------------


def floats(path):
    values = array.array("f")
    values.frombytes(Path(path).read_bytes())
    return values


def below(image, points, depth=25):
    """What lies below sources and receivers, which leave marks of their own, in an image [x, z]."""
    return [v for column in range(0, len(image), points) for v in image[column + depth:column + points]]


def difference(a, b):
    """|a - b| / |a|"""
    assert len(a) == len(b), f"{len(a)} and {len(b)} values"
    return math.sqrt(math.fsum((x - y) ** 2 for x, y in zip(a, b)) / math.fsum(x * x for x in a))


def agreement(options, programs):
    """How far the peers are from lop on the same comb, on a small grid with layers that let nothing return, and lop's comb
    from every step: (row, label, of, difference)."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for row in rows_of(options, SHOT_ROWS):
            results, combs = {}, {}
            comb = comb_of(programs, row)
            for run in shot_runs(options, programs, row, 1, ["--rows", row, *SMALL], comb):
                file = Path(folder) / f"{row} {run.label}"
                combs[run.label] = programs.run([*run.command, *NO_REFLECTION, "--output", str(file)], 1)["every"]
                values = floats(file)
                results[run.label] = below(values, SMALL_POINTS) if row == "shot2d_gradient" else values
            lops = {combs[label]: label for label in results if label.startswith("lop")}
            for label, values in results.items():
                if label == "lop" and len(lops) > 1:
                    found.append((row, "lop", EVERY_STEP, difference(results[EVERY_STEP], values)))
                elif not label.startswith("lop"):
                    reference = lops.get(combs[label], "lop")
                    found.append((row, label, reference, difference(results[reference], values)))
    return found


# ---- tables -----------------------------------------------------------------------------------


def lines(header, rows):
    return [" | ".join(["", *header, ""]).strip(), "| " + " | ".join(["---"] * len(header)) + " |",
            *("| " + " | ".join(row) + " |" for row in rows)]


def number(value, digits):
    return "-" if value is None else f"{value:.{digits}f}"


def ratio(above, below_, digits=1):
    return "-" if above is None or not below_ else f"{above / below_:.{digits}f}"


def star(case):
    return " *" if case.is_marked() else ""


def agreement_table(found):
    header = ["small grid", "what", "against", "relative difference, l2"]
    return lines(header, [[SHOT_ROWS[row], label, reference, f"{d:.1e}"] for row, label, reference, d in found])


def kernel_table(cases):
    header = ["equation, order, threads", "bytes", "lop, GPts/s", "no layers", "of the bound", "Devito, GPts/s",
              "lop / Devito, no layers / Devito", "first result, s: lop, Devito anew, again"]
    rows = []
    for c in cases:
        gpts, alone, peer = (c.median(label, "gpts") for label in ("lop", NO_LAYERS, "Devito"))
        bound = c.bandwidth("triad") / c.first("lop", "bytes")
        first = [number(c.median("lop", "first_result_s"), 1), number(c.first("Devito", "first_result_s"), 0),
                 number(c.rounds[-1].get("Devito", {}).get("first_result_s"), 0)]
        rows.append([f"{c.row} {c.order}, {c.threads}{star(c)}", str(c.first("lop", "bytes")), number(gpts, 3),
                     number(alone, 3), number(alone / bound, 2), number(peer, 3),
                     f"{ratio(gpts, peer)}, {ratio(alone, peer)}", ", ".join(first)])
    return lines(header, rows)


def labels(case):
    return [label for label in case.rounds[0] if label != "bandwidth"]


def shot_table(cases):
    header = ["one shot, threads", "program", "every", "s", "forward runs", "times lop", "peak MB", "history MB",
              "first result, s: anew, again"]
    forward = {(c.threads, label): c.median(label, "seconds")
               for c in cases if c.row == "shot2d_forward" for label in labels(c)}
    rows = []
    for c in cases:
        for label in labels(c):
            seconds = c.median(label, "seconds")
            alone = forward.get((c.threads, label.split(",")[0]))
            history = c.first(label, "history_mb") if label.startswith("lop") else None
            firsts = [c.first(label, "first_result_s"), c.rounds[-1][label]["first_result_s"]]
            rows.append([f"{SHOT_ROWS[c.row]}, {c.threads}{star(c)}",
                         label, str(c.first(label, "every")), number(seconds, 2), ratio(seconds, alone),
                         ratio(seconds, c.median("lop", "seconds")), str(round(c.median(label, "rss_mb"))),
                         number(history or None, 0), ", ".join(number(f, 1) for f in firsts)])
    return lines(header, rows)


def rank_table(cases):
    header = ["one shot", "threads, s", "ranks, s", "threads / ranks", "peak MB: threads, ranks"]
    rows = [[f"{SHOT_ROWS[c.row]}, {c.threads}{star(c)}", number(c.median("threads", "seconds"), 2),
             number(c.median("ranks", "seconds"), 2), ratio(c.median("threads", "seconds"), c.median("ranks", "seconds"), 2),
             f"{c.median('threads', 'rss_mb'):.0f}, {c.median('ranks', 'rss_mb'):.0f}"] for c in cases]
    return lines(header, rows)


TABLES = {"kernels": kernel_table, "shot": shot_table, "ranks": rank_table}


def output_of(command):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout.strip()


def stamp(cases, about):
    """The machine, the compiler and the versions, in a sentence."""
    processor = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                      if line.startswith("model name")), "unknown processor")
    versions = {}
    for case in cases:
        for round_ in case.rounds:
            for result in round_.values():
                if "version" in result:
                    torch = f" on torch {result['torch']}" if "torch" in result else ""
                    versions[result["program"]] = f"{result['program']} {result['version']}{torch}"
    bandwidths = [f"{threads} thread{'s' if threads > 1 else ''} {copy:.1f} and {triad:.1f}"
                  for threads in sorted({c.threads for c in cases})
                  for copy, triad in [[statistics.median(c.bandwidth(key) for c in cases if c.threads == threads)
                                       for key in ("copy", "triad")]]]
    rounds = sorted({len(c.rounds) for c in cases})
    return [f"{processor}, {os.cpu_count()} cores; memory, GB/s of copy and triad: {'; '.join(bandwidths)}. "
            f"lop {', '.join(sorted({c.commit for c in cases}))} by {about['compiler']}; "
            f"{', '.join(versions.values()) or 'no peers'}; gcc {output_of(['gcc', '-dumpfullversion'])} for Devito. "
            f"{' to '.join(str(n) for n in sorted({rounds[0], rounds[-1]}))} round{'s' if rounds[-1] > 1 else ''} in turns."]


def page(cases, found, about):
    cases = [case for case in cases if case.rounds]
    blocks = [stamp(cases, about)] if cases else []
    if found:
        blocks.append(agreement_table(found))
    for part, table in TABLES.items():
        if mine := [case for case in cases if case.part == part]:
            blocks.append(table(mine))
    if any(case.is_marked() for case in cases):
        blocks.append(["\\* the readings of the bandwidth before and after differ by over 10 % in most rounds"])
    return "\n\n".join("\n".join(block) for block in blocks)


def has_place(path):
    page_ = path.read_text()
    return page_.count(BEGIN) == page_.count(END) == 1 and page_.index(BEGIN) < page_.index(END)


def write(path, text):
    head, rest = path.read_text().split(BEGIN)
    path.write_text(f"{head}{BEGIN}\n\n{text}\n\n{END}{rest.split(END)[1]}")


def options_of():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = lambda text: text.split(",")
    numbers = lambda text: [int(part) for part in text.split(",")]
    parser.add_argument("bench", type=os.path.abspath, nargs="?")
    parser.add_argument("--devito")
    parser.add_argument("--deepwave")
    parser.add_argument("--mpirun", default="mpirun --bind-to none -n")
    parser.add_argument("--parts", type=names, default=["agreement", *CASES])
    parser.add_argument("--rows", type=names)
    parser.add_argument("--orders", type=numbers, help="of the kernels")
    parser.add_argument("--threads", type=numbers)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--repeat", type=int, help="applications of which a round has the median")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--tables", type=lambda text: [Path(path) for path in text.split(",")], default=[])
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    options.rows = options.rows or (QUICK_ROWS if options.quick else (*KERNEL_ROWS, *SHOT_ROWS))
    options.orders = options.orders or ([8] if options.quick else [4, 8, 16])
    options.threads = options.threads or ([2] if options.quick else [1, 2])
    options.rounds = options.rounds or (1 if options.quick else 5)
    options.repeat = options.repeat or (1 if options.quick else 3)
    if (options.bench is None) != bool(options.tables):
        parser.error("either BENCH_WAVES, to measure, or --tables of what was measured")
    if options.write and not has_place(options.write):
        parser.error(f"{options.write}: no place for the tables, between {BEGIN} and {END}")
    return options


class Record:
    """What has been measured: the machine, differences between the programs, and cases."""

    def __init__(self):
        self.about, self.found, self.cases = None, [], []

    def read(self, path):
        """Its rows in the place of the same ones that are there."""
        known = json.loads(path.read_text())
        self.about = dict(known["about"], quick=known["about"]["quick"] or bool(self.about and self.about["quick"]))
        rows = {tuple(entry[:3]): entry for entry in [*self.found, *known["agreement"]]}
        cases = {tuple(case.key()): case for case in [*self.cases, *(Case(**case, runs=[]) for case in known["cases"])]}
        self.found = list(rows.values())
        self.cases = sorted(cases.values(), key=lambda case: list(CASES).index(case.part))

    def save(self, path):
        if not path:
            return
        cases = [{k: v for k, v in vars(case).items() if k != "runs"} for case in self.cases]
        new = path.with_suffix(".new")
        new.write_text(json.dumps({"about": self.about, "agreement": self.found, "cases": cases}, indent=1))
        new.replace(path)


def run(options, record):
    with tempfile.TemporaryDirectory() as cache:
        programs = Programs(options, cache)
        record.about = dict(programs.bandwidth(1), quick=options.quick)
        if "agreement" in options.parts:
            record.found = agreement(options, programs)
        if apart := [f"{row}, {label}: {d:.3f}" for row, label, _, d in record.found
                     if label != "lop" and not d <= LARGEST_DIFFERENCE]:
            sys.exit(f"not the same work, differences above {LARGEST_DIFFERENCE}: " + "; ".join(apart))
        record.save(options.json)
        measure(options, programs, record)


def main():
    options = options_of()
    record = Record()
    for path in options.tables:
        record.read(path)
    if options.write and (options.quick or options.tables and record.about["quick"]):
        sys.exit("figures of --quick mean nothing: they are not written to a page")
    if not options.tables:
        run(options, record)
    text = page(record.cases, record.found, record.about)
    print(text)
    if options.write:
        write(options.write, text)


if __name__ == "__main__":
    main()
