"""Programs of the system that judge our files, and keys that they make."""

import shutil
import subprocess
from pathlib import Path

import pytest


def program(name: str) -> str:
    """The path of a program; the test is skipped where there is none."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"no {name}: scripts/system-packages says which package has it")
    return found


def ssh_key(path: Path, *more: str, kind: str = "ed25519", passphrase: str = "") -> Path:
    """A new private key at ``path``; the public one is beside it."""
    command = [program("ssh-keygen"), "-q", "-t", kind, "-N", passphrase, "-C", "", "-f", str(path), *more]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return path


def signers_file(path: Path, lines: dict[str, Path]) -> Path:
    """An ``allowed_signers`` file: principals, with options or without, and whose key they have."""
    text = "".join(f"{who} {key.with_name(key.name + '.pub').read_text(encoding='utf-8').strip()}\n" for who, key in lines.items())
    path.write_text(text, encoding="utf-8")
    return path


def ssh_verify(signers: Path, principal: str, signature: Path, message: bytes, *more: str) -> bool:
    """Whether ``ssh-keygen -Y verify`` accepts a signature."""
    command = [program("ssh-keygen"), "-Y", "verify", "-f", str(signers), "-I", principal, "-n", "copytrail", "-s", str(signature), *more]
    done = subprocess.run(command, input=message, capture_output=True, timeout=60, check=False, env={"TZ": "UTC"})
    return done.returncode == 0
