#include "collectors/prommetrics.h"

/* The assembler takes the file in, so that the two cannot differ. Its path is relative to where make runs. */
__asm__(".pushsection .rodata\n"
	".global prommetrics\n"
	"prommetrics:\n"
	".incbin \"share/prom-metrics.conf\"\n"
	".byte 0\n"
	".popsection\n");
