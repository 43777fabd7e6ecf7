/* lines LETTER COUNT LENGTH: so many lines of so many equal letters, as fast as they are taken. */

#include <stdlib.h>
#include <string.h>

#include "lib/fdio.h"
#include "lib/xalloc.h"

int
main(int argc, char **argv)
{
	size_t len;
	char *line;

	if (argc != 4)
		return 2;
	len = strtoul(argv[3], NULL, 10);
	line = xmalloc(len + 1);
	memset(line, *argv[1], len);
	line[len] = '\n';
	for (unsigned long n = strtoul(argv[2], NULL, 10); n; n--)
		if (fd_write_all(1, line, len + 1) < 0)
			return 1;
	free(line);
	return 0;
}
