/* SPDX-License-Identifier: Apache-2.0 */
/* Media types by a file's name. */
#pragma once

/* Never NULL: what is not known is application/octet-stream. UEFI's HTTP Boot tells by the media type whether it got a
 * program or a disk image (UEFI 2.10 §24.7.3.2, EDK2 HttpBootDxe). */
const char *http_media_type(const char *name);
