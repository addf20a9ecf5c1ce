"""What the command's exit codes mean to a script."""

DONE = 0
SYSTEM_ERROR = 1
WRONG_USAGE = 2  # as typer ends when an option is wrong
REFUSED = 3  # input was refused; what was good has gone on
NIGHT_FAILED = 4  # the published marts stay as they were
NOTHING_PUBLISHED = 5
