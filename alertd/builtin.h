#ifndef ALERTD_BUILTIN_H
#define ALERTD_BUILTIN_H

/* share/alerts.conf as it was when alertd was built, NUL-terminated. */
extern const char builtin_rules[];

#endif
