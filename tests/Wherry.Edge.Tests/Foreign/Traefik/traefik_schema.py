"""Holds Traefik's dynamic configurations against its published schema: python3-jsonschema and python3-yaml of Debian.

Arguments: the schema, then files. Says what is wrong with each; nothing when all is well.
"""

import json
import sys

import jsonschema
import yaml

with open(sys.argv[1], encoding="utf-8") as file:
    validator = jsonschema.Draft7Validator(json.load(file))

for path in sys.argv[2:]:
    with open(path, encoding="utf-8") as file:
        text = file.read()
    read = yaml.safe_load(text)
    if read != json.loads("".join(line for line in text.splitlines() if not line.startswith("#"))):
        print(f"{path}: as YAML it says something else than as JSON")
    for error in validator.iter_errors(read):
        print(f"{path}: {'/'.join(map(str, error.absolute_path))}: {error.message[:500]}")
