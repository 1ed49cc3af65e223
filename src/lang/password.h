/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords of menus, as boot programs are told them: hashed, with a salt, so that nobody reads them off the wire. */
#pragma once

#include "base/text.h"

/* Appends "$5$SALT$HASH", as crypt(5) and PXELINUX' menu.c32 have it. salt is any text: what tells this password from
 * others that may be the same. */
void password_write_crypt(struct text *ret, const char *password, const char *salt);
/* Appends "grub.pbkdf2.sha512.10000.SALT.HASH", as grub-mkpasswd-pbkdf2 writes it. Takes some milliseconds. */
void password_write_pbkdf2(struct text *ret, const char *password, const char *salt);
