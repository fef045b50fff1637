"""Warcprox as its own program starts it, but allowed to fetch from this machine; to be run in its environment, with its arguments."""

import importlib
import sys

if __name__ == "__main__":
    importlib.import_module("warcprox.warcproxy").WarcProxyHandler.allow_localhost = True
    importlib.import_module("warcprox.main").main(["warcprox", *sys.argv[1:]])
