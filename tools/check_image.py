"""Does what the Dockerfile says in a bare Debian root, where there is no Docker to build with; then tries the result.

    debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates trixie ROOT
    python tools/check_image.py ROOT          # as root, on Linux; some minutes, about 3 GB

The steps (RUN, COPY under .dockerignore, ENV, USER, HEALTHCHECK, CMD) are read from the Dockerfile, so that they cannot
drift from it; only FROM is replaced by the root that is given. The server is process 1 of its own process namespace, as
in a container. What this does not show: Docker's own layers, volumes and networks.
"""

import argparse
import fnmatch
import json
import os
import re
import shlex
import shutil
import signal
import struct
import subprocess
import sys
import time
import urllib.request
import zlib
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
COMPILERS = ("gcc", "cc", "g++", "c++", "clang", "make", "ld", "as", "rustc", "cargo")
STOP_SECONDS = 10.0  # what Docker waits before it kills


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction of a Dockerfile."""

    word: str
    text: str


def steps(text: str) -> list[Step]:
    """The instructions, continued lines joined and comments left out."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    found = []
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            found.append(Step(word.upper(), rest.strip()))
    return found


def ignored(path: str, patterns: list[str]) -> bool:
    """Whether `.dockerignore` keeps a file out: the last pattern that matches it, or a folder above it, decides."""
    parts = path.split("/")
    above = ["/".join(parts[: number + 1]) for number in range(len(parts))]
    out = False
    for pattern in patterns:
        keep, bare = pattern.startswith("!"), pattern.lstrip("!").rstrip("/")
        if any(fnmatch.fnmatchcase(each, bare) for each in above) or (
            bare.startswith("**/") and any(fnmatch.fnmatchcase(part, bare[3:]) for part in parts)
        ):
            out = not keep
    return out


def context(root: Path = REPOSITORY) -> list[str]:
    """The files that `COPY . .` takes, by their paths in the repository."""
    lines = (root / ".dockerignore").read_text(encoding="utf-8").splitlines()
    patterns = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    kept = tuple(pattern[1:].rstrip("/") for pattern in patterns if pattern.startswith("!"))
    found = []
    for folder, folders, files in os.walk(root):
        below = Path(folder).relative_to(root)
        paths = {name: (below / name).as_posix() for name in (*folders, *files)}
        folders[:] = [
            name
            for name in folders
            if not ignored(paths[name], patterns) or any(each.startswith(f"{paths[name]}/") for each in kept)
        ]
        found += [paths[name] for name in files if not ignored(paths[name], patterns)]
    return sorted(found)


def say(line: str) -> None:
    """Prints a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Image:
    """A root folder on which the steps are done."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment = {"PATH": PATH, "HOME": "/root"}
        self.folder, self.user, self.command, self.health = "/", "", [], []

    def build(self, found: list[Step]) -> None:
        """Does every step, in order."""
        (self.root / "usr/local/bin/python").unlink(missing_ok=True)
        (self.root / "usr/local/bin/python").symlink_to("/usr/bin/python3")  # as FROM has it
        for name in ("/etc/resolv.conf", "/etc/ssl/certs/ca-certificates.crt"):  # as the daemon sees to it
            shutil.copyfile(name, self.root / name[1:])
        for step in found:
            began = time.monotonic()
            getattr(self, f"_{step.word.lower()}", lambda step: None)(step)
            say(f"{time.monotonic() - began:7.1f} s  {step.word} {step.text[:90]}")

    def arguments(self, command: list[str], *, own_processes: bool = False) -> list[str]:
        """`command` inside the root, as the image's user in the image's folder."""
        inside = f'cd {shlex.quote(self.folder)} && exec "$0" "$@"'
        user = [f"--userspec={self.user}:"] if self.user else []
        mounts = f"mount -t proc proc {self.root}/proc && mount --rbind /dev {self.root}/dev && exec chroot"
        unshare = ["unshare", "--mount", *(["--pid", "--fork", "--kill-child"] if own_processes else [])]
        values = [f"{name}={value}" for name, value in self.environment.items()]
        chroot = [*user, str(self.root), "/usr/bin/env", "-i", *values, "sh", "-c", inside, *command]
        return [*unshare, "sh", "-c", f'{mounts} "$@"', "chroot", *chroot]

    def run(self, *command: str) -> str:
        """What a command inside the root prints; CalledProcessError when it fails."""
        return subprocess.run(self.arguments(list(command)), check=True, stdout=subprocess.PIPE, text=True).stdout

    def _run(self, step: Step) -> None:
        environment = self.environment
        if "PIP_CERT" in os.environ:
            self.environment = environment | {"PIP_CERT": os.environ["PIP_CERT"]}
        self.run("sh", "-c", step.text)
        self.environment = environment

    def _env(self, step: Step) -> None:
        for part in shlex.split(step.text):
            name, _, value = part.partition("=")
            self.environment[name] = re.sub(r"\$(\w+)", lambda found: self.environment[found[1]], value)

    def _workdir(self, step: Step) -> None:
        self.folder = step.text
        (self.root / step.text[1:]).mkdir(parents=True, exist_ok=True)

    def _copy(self, step: Step) -> None:
        *sources, target = step.text.split()
        files = context()
        into = self.root / (Path(self.folder) / target).as_posix().lstrip("/")
        for source in sources:
            taken = files if source == "." else [path for path in files if path == source]
            if not taken:
                sys.exit(f"COPY {source}: there is no such file in what .dockerignore lets through")
            for path in taken:
                (into / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(REPOSITORY / path, into / path)

    def _user(self, step: Step) -> None:
        self.user = step.text
        self.environment["HOME"] = self.run("sh", "-c", 'getent passwd "$(id -u)" | cut -d: -f6').strip()

    def _healthcheck(self, step: Step) -> None:
        self.health = json.loads(step.text.partition(" CMD ")[2])

    def _cmd(self, step: Step) -> None:
        self.command = json.loads(step.text)


def content(image: Image) -> bool:
    """Prints what the image holds that matters, and whether all of it may be there."""
    found = set(image.run("sh", "-c", f"command -v {' '.join(COMPILERS)} || true").split())
    listed = image.run("sh", "-c", "find /app /opt/venv -type d -name tests; find /app -name 'test_*.py'")
    cached = image.run(
        "sh", "-c", "find /root/.cache /home/*/.cache /tmp /app/artifacts/runs -mindepth 1 2>/dev/null || true"
    )
    secret = image.run("sh", "-c", "ls -A /app/.git /app/.streamlit/secrets.toml 2>/dev/null || true")
    pip = image.run("sh", "-c", "command -v pip || true")
    sizes = image.run("sh", "-c", "du -sm /opt/venv /app | tr '\\t' ' ' | tr '\\n' ';'")
    written = image.run("sh", "-c", "test -w /app && echo /app; test -w /opt/venv && echo /opt/venv; true")
    kept = image.run("sh", "-c", "test -w /data && echo yes || echo no").strip()
    user = image.run("id").strip()
    say(f"user {user}\nMB {sizes}\nthe home can be written: {kept}")
    wrong = {"compilers": found, "tests": listed, "caches": cached, "secrets": secret, "pip": pip, "writable": written}
    for name, value in wrong.items():
        say(f"{name}: {' '.join(value if isinstance(value, set) else value.split()) or 'none'}")
    return not any(value and str(value).strip() for value in wrong.values()) and kept == "yes" and "uid=0" not in user


def try_out(image: Image, port: int) -> bool:
    """Starts the server, asks its health check, predicts over REST, trains, and ends it."""
    image.environment["PORT"] = str(port)
    began = time.monotonic()
    server = subprocess.Popen(image.arguments(image.command, own_processes=True))
    try:
        while subprocess.run(image.arguments(image.health), check=False, stderr=subprocess.DEVNULL).returncode:
            if server.poll() is not None or time.monotonic() - began > 90:
                say("the server did not become healthy")
                return False
            time.sleep(0.5)
        say(f"healthy after {time.monotonic() - began:.1f} s")
        say(f"prediction: {_predict(port)}")
        trained = image.run("python", "-m", "core", "train", "--preset", "quick", "--epochs", "1", "--subset", "6400")
        say(f"training: {trained.strip()}")
        health = json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/health", timeout=10))
        say(f"REST health: {health}")
    finally:
        began = time.monotonic()
        first = int(Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()[0])
        os.kill(first, signal.SIGTERM)
        try:
            server.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            say(f"SIGTERM did not end it within {STOP_SECONDS:.0f} s")
            return False
    say(f"ended {time.monotonic() - began:.1f} s after SIGTERM, exit status {server.returncode}")
    return health["status"] == "ok"


def _predict(port: int) -> str:
    """What the server reads in a drawn 1."""
    blank, inked = b"\0" + b"\xff" * 280, b"\0" + b"\xff" * 130 + b"\0" * 22 + b"\xff" * 128
    rows = blank * 40 + inked * 200 + blank * 40
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in (
            (b"IHDR", struct.pack(">IIBBBBB", 280, 280, 8, 0, 0, 0, 0)),
            (b"IDAT", zlib.compress(rows)),
            (b"IEND", b""),
        )
    )
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="1.png"\r\nContent-Type: image/png\r\n\r\n'
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/predict",
        body + data + b"\r\n--x--\r\n",
        {"Content-Type": "multipart/form-data; boundary=x"},
    )
    [answer] = json.load(urllib.request.urlopen(request, timeout=30))["predictions"]
    return f"{answer['digit']} ({answer['confidence']:.4f})"


def main() -> int:
    """Builds, lists and tries; 0 when all is well."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("root", type=Path)
    parser.add_argument("--port", type=int, default=8797)
    arguments = parser.parse_args()
    image = Image(arguments.root.resolve())
    image.build(steps((REPOSITORY / "Dockerfile").read_text(encoding="utf-8")))
    return 0 if content(image) & try_out(image, arguments.port) else 1


if __name__ == "__main__":
    sys.exit(main())
