#ifndef KATO_SIGS_H
#define KATO_SIGS_H

/* Signals as something poll(2) can wait for. */

enum { SIGS_TERM = 1, SIGS_HUP = 2, SIGS_CHLD = 4, SIGS_WINCH = 8 };

/* Catches what is named (SIGS_TERM means TERM and INT) and ignores SIGPIPE. Once a process. */
void sigs_init(unsigned want);
int sigs_fd(void);		/* readable when a signal has come */
unsigned sigs_take(void);	/* which came since the last call; empties sigs_fd */
/* In a child before exec: default actions and an empty mask, as a program started by hand has. */
void sigs_default(void);

#endif
