#!/usr/bin/env python3
"""Owns: the first command. It makes the environment in .venv when needed, then hands over to povsim, pytest or JupyterLab.
Never: does what povsim does, needs more than the standard library, or names a package index (that is the user's setting).

    python3 run.py                        运行主任务（随附的茶谷镇）         the main job, on the shipped town
    python3 run.py -p work.finds_able=0.2 同上，改一个参数                the same with one number changed
    python3 run.py test [...]             运行全部测试（参数交给 pytest） the tests; what follows goes to pytest
    python3 run.py lab [...]              打开 JupyterLab                 JupyterLab; what follows goes to it
    python3 run.py VERB ...               povsim 的任一命令               any verb of povsim, such as check or synth

Windows: py run.py
"""

import sys


def say(zh, en):
    """Print one thing in both languages, on stderr, so that standard output holds nothing but results."""
    print(zh + "\n" + en, file=sys.stderr, flush=True)


if not (3, 11) <= sys.version_info[:2] <= (3, 13):  # said in words that Python 3.6 can read
    FOUND = "%d.%d, %s" % (sys.version_info[0], sys.version_info[1], sys.executable)
    say(
        "povsim 需要 Python 3.11、3.12 或 3.13（现在是 {}）。请安装其一后再运行。".format(FOUND),
        "povsim needs Python 3.11, 3.12 or 3.13 (this is {}). Please install one of them and run this again.".format(FOUND),
    )
    sys.exit(1)

import contextlib
import hashlib
import os
import subprocess
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENV = ROOT / ".venv"
PYTHON = ENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = ENV / "povsim-stamp"
CHINESE = '{"@jupyterlab/translation-extension:plugin": {"locale": "zh_CN"}}\n'
# pip settings that say where packages come from; uv does not read them
SOURCES = ("index-url", "extra-index-url", "find-links", "no-index", "proxy", "cert", "client-cert", "trusted-host")


def stamp() -> str:
    """Return what the environment depends on, as a digest: dependencies, pins, Python and where the checkout lies."""
    digest = hashlib.sha256()
    for part in (
        (ROOT / "pyproject.toml").read_bytes(),
        (ROOT / "constraints.txt").read_bytes(),
        repr((sys.version_info[:3], str(ROOT))).encode(),
    ):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def is_ready() -> bool:
    """Tell whether a finished environment for this very state of the checkout is there."""
    return PYTHON.exists() and STAMP.is_file() and STAMP.read_text(encoding="ascii", errors="replace") == stamp()


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Hold the lock of the set-up; the system lets go of it even when this process is killed."""
    with open(ROOT / ".venv.lock", "w", encoding="ascii") as file:
        waiting = False
        while True:
            try:
                if os.name == "nt":
                    import msvcrt

                    msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
                else:
                    import fcntl

                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except (BlockingIOError, PermissionError):
                if not waiting:
                    say("另一个进程正在准备环境，等待中……", "Another process is making the environment; waiting ...")
                waiting = True
                time.sleep(0.2)
        yield


def installer() -> list[str]:
    """Return the command that installs into the environment: uv where it is on the PATH and pip has no source set, else pip."""
    from shutil import which

    if find_spec("ensurepip"):
        pip = [str(PYTHON), "-m", "pip"]
    elif find_spec("pip"):  # Debian without python3-venv
        pip = [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    else:
        pip = []
    uv = which("uv")
    if uv and not (pip and sets_source(pip)):
        return [uv, "pip", "install", "--python", str(PYTHON)]
    if pip:
        return [*pip, "install", "--no-user", "--disable-pip-version-check"]
    raise FileNotFoundError("pip, ensurepip, uv")


def sets_source(pip: list[str]) -> bool:
    """Tell whether the user told pip where to find packages."""
    lines = subprocess.run([*pip, "config", "list"], capture_output=True, text=True, errors="replace").stdout.splitlines()
    return any(line.partition("=")[0].rpartition(".")[2] in SOURCES for line in lines)


def make() -> None:
    """Make the environment anew. The stamp is written last, so that what is interrupted before it is done again."""
    import sysconfig
    import venv

    say(
        "正在准备运行环境（.venv），只在第一次需要，约一两分钟……",
        "Making the environment (.venv); only the first start needs this, a minute or two ...",
    )
    venv.EnvBuilder(clear=True, symlinks=os.name != "nt", with_pip=find_spec("ensurepip") is not None).create(ENV)
    command = [*installer(), "--constraint", "constraints.txt", "--editable", ".[dev]"]
    subprocess.run(command, cwd=ROOT, stdout=sys.stderr, check=True)
    # A path file with a Chinese path stops Python 3.11 and 3.12 from starting under a GBK locale; a relative path is plain ASCII.
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(ENV)}))
    for link in site.glob("*povsim*.pth"):
        link.write_text(os.path.relpath(ROOT / "src", site) + "\n", encoding="ascii")
    lab = ENV / "share/jupyter/lab/settings"
    lab.mkdir(parents=True, exist_ok=True)
    (lab / "overrides.json").write_text(CHINESE, encoding="ascii")
    STAMP.write_text(stamp(), encoding="ascii")


def prepare() -> int:
    """Make the environment if it is not there; return 0, or 1 when that failed."""
    if is_ready():
        return 0
    try:
        with alone():
            if not is_ready():  # it may have been made while we waited
                make()
    except FileNotFoundError as missing:
        say(
            f"缺少安装工具（{missing}）。Debian/Ubuntu 请安装 python3-venv，再运行一次。",
            f"No installer found ({missing}). On Debian or Ubuntu install python3-venv, then run this again.",
        )
        return 1
    except subprocess.CalledProcessError as failed:
        say(
            f"环境没有装好（退出码 {failed.returncode}）。请看上面的信息，检查网络或 pip 的镜像设置，再运行一次即可。",
            f"The environment could not be made (exit code {failed.returncode}). See above; check the network or pip's "
            "settings, then run this again.",
        )
        return 1
    except KeyboardInterrupt:
        say("已中断；下次运行会重新准备环境。", "Interrupted; the next start makes the environment anew.")
        return 130
    return 0


def command(words: list[str]) -> list[str]:
    """Return the arguments of the environment's Python for the words on the command line."""
    verb, rest = (words[0], words[1:]) if words and not words[0].startswith("-") else ("run", words)
    if verb == "test":
        return ["-m", "pytest", *rest]
    if verb == "lab":
        return ["-m", "jupyterlab", f"--ServerApp.root_dir={ROOT}", "--LabApp.default_url=/lab/tree/notebooks", *rest]
    return ["-m", "povsim", *rest] if verb == "povsim" else ["-m", "povsim", verb, *rest]


def main(words: list[str]) -> int:
    """Make the environment if needed, then become the command asked for."""
    if words[:1] in (["-h"], ["--help"]):
        sys.stdout.reconfigure(errors="replace")
        print(__doc__.partition("\n\n")[2])
        return 0
    code = prepare()
    if code:
        return code
    environ = os.environ | {
        "PYTHONUTF8": "1",
        "JUPYTER_PREFER_ENV_PATH": "1",  # else a stale kernel of the user's own could be taken
        "VIRTUAL_ENV": str(ENV),
        "PATH": os.pathsep.join([str(PYTHON.parent), os.environ.get("PATH", os.defpath)]),
    }
    arguments = [str(PYTHON), *command(words)]
    if words[:1] == ["test"]:
        os.chdir(ROOT)
    if os.name != "nt":
        os.execve(PYTHON, arguments, environ)
    with contextlib.suppress(KeyboardInterrupt):  # the child heard it too, and says what is to be said
        return subprocess.run(arguments, env=environ).returncode
    return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
