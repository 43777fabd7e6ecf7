/* Runs a fuzz target over the files and folders named: how `make check` replays the kept corpus. */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fdio.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static int
run_file(const char *path)
{
	struct strbuf b = {0};
	unsigned char *copy;

	if (fd_slurp(path, 64 << 20, &b) < 0) {
		perror(path);
		return 1;
	}
	copy = malloc(b.len ? b.len : 1);	/* its exact size, so that ASan sees a byte too far */
	if (b.len)
		memcpy(copy, b.s, b.len);
	LLVMFuzzerTestOneInput(copy, b.len);
	free(copy);
	strbuf_free(&b);
	return 0;
}

int
main(int argc, char **argv)
{
	int bad = 0, n = 0;

	for (int i = 1; i < argc; i++) {
		DIR *d = opendir(argv[i]);
		struct dirent *e;

		while (d && (e = readdir(d))) {
			char path[4096];

			if (*e->d_name == '.')
				continue;
			snprintf(path, sizeof path, "%s/%s", argv[i], e->d_name);
			bad += run_file(path);
			n++;
		}
		if (d)
			closedir(d);
	}
	printf("%d inputs\n", n);
	return bad || !n;
}
