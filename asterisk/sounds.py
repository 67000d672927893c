"""What callers hear from the PBX: prompts in Mandarin by espeak-ng, and a quiet hold melody.

They are stand-ins. **A bureau replaces them with recorded ones**: a file of the same name that is already in
the home's `asterisk/lib/sounds/zh` (or `asterisk/lib/moh`) is never touched. Any format that Asterisk plays
will do; keep one file a prompt.
"""

import argparse
import hashlib
import os
import shutil
import sys
from pathlib import Path

import numpy as np

from asterisk.cache import MissingPart, cache_folder, once
from asterisk.speech import MANDARIN, Samples, hold_music, silence, speak, write_sln
from supervision.paths import Paths
from supervision.secret_files import keep_from_others

RECIPE = 1  # raise it when the same texts would sound different
VOICE = f"{MANDARIN}+f2"
NUMERALS = "零一二三四五六七八九"
PROMPTS = {
    "consult/recorded-notice": "您好,为提高服务质量,本次通话将被录音。",
    "consult/all-busy": "咨询员均在通话中,请您稍候。",
    "consult/apology": "很抱歉,暂时无人接听,请稍后再拨,或拨打一二三六六。",
    # app_queue's place announcement says: thereare <n> callswaiting, or youarenext; then thankyou.
    "queue-youarenext": "您是下一位,请您稍候。",
    "queue-thereare": "您目前排在第",
    "queue-callswaiting": "位,请您稍候。",
    "queue-thankyou": "感谢您的耐心等待。",
    # say.c's Chinese: units, the tens, and these words between them.
    **{f"digits/{n}": numeral for n, numeral in enumerate(NUMERALS)},
    "digits/10": "十",
    **{f"digits/{n}": f"十{NUMERALS[n % 10]}" for n in range(11, 20)},
    **{f"digits/{n}": f"{NUMERALS[n // 10]}十" for n in range(20, 100, 10)},
    "digits/hundred": "百",
    "digits/thousand": "千",
}


def made_sounds() -> Path:
    """The folder with `sounds/zh/…` and `moh/hold.sln`, made the first time; another text is another folder."""
    recipe = repr((RECIPE, VOICE, sorted(PROMPTS.items())))
    key = hashlib.sha256(recipe.encode()).hexdigest()[:10]
    return once(cache_folder() / f"sounds-{key}", _make)


def install_sounds(paths: Paths) -> None:
    """Put the sounds into a home's Asterisk; what is there already stays."""
    made = made_sounds()
    for source in sorted(made.rglob("*.sln")):
        target = paths.asterisk / "lib" / source.relative_to(made)
        target.parent.mkdir(parents=True, exist_ok=True)
        if not any(target.parent.glob(f"{target.stem}.*")):
            _link_or_copy(source, target)


def install_hold_music(paths: Paths) -> None:
    """Put the hold melody into a home's Asterisk, unless there is other music: a held caller hears something."""
    folder = paths.asterisk / "lib" / "moh"
    folder.mkdir(parents=True, exist_ok=True)
    if not any(folder.iterdir()):
        write_sln(folder / "hold.sln", hold_music())


def _make(folder: Path) -> None:
    for name, text in PROMPTS.items():
        said = speak(text, VOICE)
        write_sln(folder / "sounds" / "zh" / f"{name}.sln", said if name.startswith("digits/") else _framed(said))
    write_sln(folder / "moh" / "hold.sln", hold_music())


def _framed(said: Samples) -> Samples:
    return np.concatenate([silence(0.2), said, silence(0.2)])


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copyfile(source, target)


def main() -> int:
    """Put the stand-in prompts into a node's Asterisk."""
    keep_from_others()
    parser = argparse.ArgumentParser(prog="python -m asterisk.sounds", description="install the stand-in prompts")
    parser.add_argument("--home", type=Path, required=True, help="the node's home folder")
    try:
        install_sounds(Paths(parser.parse_args().home.resolve()))
    except (MissingPart, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
