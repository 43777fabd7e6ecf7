#ifndef KATOCTL_SCREEN_H
#define KATOCTL_SCREEN_H

/* The terminal on standard output, drawn over in place, on its other screen; put back as it was at the end. */

#include <stdbool.h>
#include <stddef.h>

void screen_open(void);
void screen_close(void);	/* no call without screen_open; also at exit */
int screen_width(void);		/* columns; 80 where that is not known */
/* Text of lines that fit the width; those below the last row are left out. False: the terminal is gone. */
bool screen_show(const char *text, size_t n);
/* The descriptor keys come from; -1: none. */
int screen_keys(void);
/* A key has come: false, if it was q, or the terminal is gone. */
bool screen_key(void);

#endif
