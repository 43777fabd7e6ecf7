#include "builtin.h"

/* The assembler takes the file in, so that the two cannot differ. Its path is relative to where make runs. */
__asm__(".pushsection .rodata\n"
	".global builtin_rules\n"
	"builtin_rules:\n"
	".incbin \"share/alerts.conf\"\n"
	".byte 0\n"
	".popsection\n");
