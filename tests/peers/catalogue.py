"""docs/pylops.md against PyLops: every public operator and solver has a row, and rows tell the truth."""

import importlib
import inspect
import pathlib
import pkgutil
import re


def public_names(package):
    """The operators, solvers and functions around them that a package offers: name -> module.

    All that a public module lists in __all__, or defines, but what PyLops and pyproximal keep for their own use:
    utilities, the base classes and callbacks of solvers, switches and types.
    """
    left_out = re.compile(r"\.(_|utils|config|version)|\.optimization\.(basesolver|callback)$")
    kept = re.compile(r"\.utils\.(estimators|dottest|describe)$")
    found = {}
    for module_info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        name = module_info.name
        if left_out.search(name[len(package.__name__):]) and not kept.search(name):
            continue
        try:
            module = importlib.import_module(name)
        except Exception:  # a module whose own optional packages are absent; its package lists it
            continue
        listed = getattr(module, "__all__", None)
        for key, value in vars(module).items():
            if key.startswith("_") or not (inspect.isclass(value) or inspect.isfunction(value)):
                continue
            if key in listed if listed is not None else value.__module__ == name:
                found.setdefault(key, name)
    return found


def rows(path):
    """The rows of the tables: [PyLops' names, names here, remark], names being what stands in backquotes."""
    section = ""
    for line in pathlib.Path(path).read_text().splitlines():
        if line.startswith("## "):
            section = line[3:]
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and len(cells) == 3:
            yield section, re.findall(r"`([^`]+)`", cells[0]), cells[1], cells[2]


def words(text):
    return set(re.findall(r"[A-Za-z_][A-Za-z0-9_]*", text))


def plain(name):
    return name.replace("_", "").lower()


def check(table, include, compared):
    """What is wrong with the table, in words. `compared` are the names that the comparison has covered."""
    import pylops

    wrong = []
    # Solvers are classes with a function in front of them: SplitBregman and splitbregman.
    covered = {plain(name) for name in compared}
    listed = {"pylops": set(), "pyproximal": set()}
    headers = words(" ".join(path.read_text() for path in pathlib.Path(include).rglob("*.hpp")))
    for section, names, here, remark in rows(table):
        proximal = section.startswith("pyproximal")
        listed["pyproximal" if proximal else "pylops"].update(names)
        for name in re.findall(r"`([^`]+)`", here):
            for word in words(name) - headers:
                wrong.append(f"{names[0]}: '{word}' of `{name}` is in no header of lop")
        if here != "-" and "not compared" not in remark:
            for name in names:
                if plain(f"pyproximal.{name}" if proximal else name) not in covered:
                    wrong.append(f"{name}: has a counterpart, is not compared, and its remark does not say so")
        if here == "-" and not remark:
            wrong.append(f"{names[0]}: left out without a reason")
    packages = [pylops]
    try:
        packages.append(importlib.import_module("pyproximal"))
    except ImportError:
        pass
    for package in packages:
        name = package.__name__
        public = public_names(package)
        for key in sorted(set(public) - listed[name]):
            wrong.append(f"{public[key]}.{key} of {name} {package.__version__} is in no row")
        gone = sorted(listed[name] - set(public))
        if gone:
            print(f"note: {name} {package.__version__} does not have {', '.join(gone)}")
    return wrong
