/* SPDX-License-Identifier: Apache-2.0 */
/* The overlay of one machine: the files that its profile lists, rendered for it and put into an archive that Linux
 * unpacks over its initrd. Within answer/ only. */
#pragma once

#include "answer/document.h"
#include "boot/machine.h"

/* What its initrd is called where initrds have names. */
#define OVERLAY_NAME "overlay.cpio"

/* Makes the archive; *ret is empty. Returns 0, or a DOCUMENT_E_ code with the reason, which names the profile and the
 * file, and then *ret is empty: an overlay is whole or not there. */
int overlay_render(struct text *ret, const struct catalog *catalog, const struct group *group,
                   const struct profile *profile, const struct document_request *request, struct diag *why);
/* Appends the path on our HTTP service, without its first slash, where the machine with these labels gets its own: on
 * UEFI packed. There the kernel loads its initrds itself and puts one right behind the other, where it finds an archive
 * at a multiple of four only, but what is packed anywhere. All loaders pad. */
void overlay_append_path(struct text *ret, const struct labels *labels, enum platform platform);
/* Whether a plain URL is such a path. */
bool overlay_is_at(const char *url);
