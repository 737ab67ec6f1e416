"""`python -m relay.vocabulary`: the phrases as a custom vocabulary of Amazon Transcribe."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from protocol.errors import SettingsError
from protocol.settings import load
from relay.settings import RelaySettings
from relay.vocabulary.table import phrases_to_tell, table

PROGRAM = "python -m relay.vocabulary"

WAIT_SECONDS = 900.0
"""Transcribe takes some minutes for a vocabulary."""


def main(argv: Sequence[str] | None = None) -> int:
    """0 when it is done, 1 when AWS did not do it, 2 when a setting or an argument is wrong."""
    arguments = _arguments(argv)
    try:
        settings = load(RelaySettings)
        phrases = phrases_to_tell(settings.vocabulary_file, settings.language)
    except SettingsError as error:
        return _failed(error.message, 2)
    if not phrases:
        return _failed(f"for {settings.language} there are no phrases but those of RELAY_VOCABULARY_FILE.", 2)
    text, left_out = table(phrases)
    if left_out:
        print(f"{PROGRAM}: no room for {len(left_out)} phrases, from '{left_out[0]}' on.", file=sys.stderr)
    if arguments.create is None and arguments.update is None:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
        return 0
    return _make(text, arguments, settings)


def _make(text: str, arguments: argparse.Namespace, settings: RelaySettings) -> int:
    # Only who makes a vocabulary needs AWS's libraries.
    from relay.vocabulary.account import VocabularyFailed, make_vocabulary

    name = arguments.create or arguments.update
    try:
        asyncio.run(
            make_vocabulary(
                name,
                text,
                way="create" if arguments.create else "update",
                s3_address=arguments.s3,
                language=settings.language,
                region=settings.aws_region,
                wait_seconds=arguments.wait,
            )
        )
    except VocabularyFailed as error:
        return _failed(str(error), 1)
    print(f"Ready: RELAY_TRANSCRIBE_VOCABULARY={name}")
    return 0


def _failed(why: str, code: int) -> int:
    print(f"{PROGRAM}: {why}", file=sys.stderr)
    return code


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Writes the phrases as the table of a custom vocabulary of Amazon Transcribe, or makes one of it. "
        "RELAY_VOCABULARY_FILE, RELAY_LANGUAGE and RELAY_AWS_REGION are heeded.",
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--create", metavar="NAME", help="make this vocabulary and wait until it can be used")
    which.add_argument("--update", metavar="NAME", help="the same with one that is there already")
    parser.add_argument(
        "--s3", metavar="s3://BUCKET/KEY", help="where to put the table; Transcribe reads it from there"
    )
    parser.add_argument(
        "--wait",
        metavar="SECONDS",
        type=float,
        default=WAIT_SECONDS,
        help="how long to wait (default: %(default)g)",
    )
    arguments = parser.parse_args(argv)
    if (arguments.create or arguments.update) and not arguments.s3:
        parser.error("--create and --update need --s3")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
