#ifndef KATOCTL_CMD_H
#define KATOCTL_CMD_H

/*
 * The subcommands. Each takes its own arguments, argv[0] being its name, reads its settings with
 * settings_start ("katoctl NAME"), and returns the process's exit status. A new one is a room
 * cmd_NAME.c, a line here and a line in the table of katoctl.c.
 */

int cmd_check(int argc, char **argv);
int cmd_feed(int argc, char **argv);
int cmd_merge(int argc, char **argv);
int cmd_record(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_restart(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_tail(int argc, char **argv) __attribute__((weak));
int cmd_token(int argc, char **argv) __attribute__((weak));
int cmd_tap(int argc, char **argv);
int cmd_top(int argc, char **argv);

#endif
