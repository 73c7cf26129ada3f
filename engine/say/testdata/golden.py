"""Writes cldr/numbers-CODE.gz: what CLDR's rules call each number. README.md tells how to run it."""

import gzip
import json
import sys

import icu

code, tables = sys.argv[1], [arg.split("=", 1) for arg in sys.argv[2:]]
with open(f"cldr-rbnf/package/rbnf/{code}.json") as f:
    sets = json.load(f)["rbnf"]["rbnf"]["SpelloutRules"]

# ICU writes CLDR's arrows as < and >.
rules = ""
for name, lines in sets.items():
    if name.startswith("%"):
        rules += name + ":\n" + "".join(f"{base}: {text}\n" for base, text in lines)
speaker = icu.RuleBasedNumberFormat(rules.replace("→", ">").replace("←", "<"), icu.Locale(code))


def edges(table):
    """The numbers above 9,999, below zero and with decimals: those that English has."""
    found, here = [], False
    for line in gzip.open("cldr/numbers-en.gz", "rt").read().splitlines():
        if line.startswith("table "):
            here = line.split()[1] == table.split()[0]
        elif here and "\t" in line:
            found.append(line.split("\t")[0])
    return found


def spelled(number):
    return speaker.format(float(number) if "." in number else int(number))


out = []
for table, rule in tables:
    speaker.setDefaultRuleSet(rule)
    out.append(f"table {table}\t{rule}")
    before = ""
    for n in range(10_000):
        words, same = spelled(str(n)), 0
        while same < min(len(before), len(words)) and before[same] == words[same]:
            same += 1
        out.append(f"{same} {words[same:]}")
        before = words
    out += [f"{number}\t{spelled(number)}" for number in edges(table)]

with gzip.GzipFile(f"cldr/numbers-{code}.gz", "wb", 9, mtime=0) as f:
    f.write(("\n".join(out) + "\n").encode())
