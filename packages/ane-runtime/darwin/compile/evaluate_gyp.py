"""Prints, as JSON, what gyp itself makes of a package's binding.gyp for macOS on arm64.

Usage: evaluate_gyp.py GYP_PYLIB, in the folder of binding.gyp.
"""

import json
import os
import sys
from types import SimpleNamespace

sys.path.insert(0, sys.argv[1])
import gyp  # noqa: E402

# node-gyp's own include gives a target its type; without Node's build settings this is all that is missing.
addon_type = os.path.join(os.path.dirname(os.path.abspath(__file__)), "addon-type.gypi")
data = gyp.Load(
    ["binding.gyp"],
    "gypd",
    default_variables={"OS": "mac", "target_arch": "arm64"},
    includes=[addon_type],
    depth=".",
    params={
        "options": SimpleNamespace(generator_output=None, toplevel_dir="."),
        "parallel": False,
        "root_targets": None,
    },
)[3]
json.dump(data["binding.gyp"]["targets"], sys.stdout)
