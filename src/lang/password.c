/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes of passwords. */
#include "lang/password.h"

#include <crypt.h>
#include <gnutls/crypto.h>
#include <stdlib.h>

#include "base/memory.h"
#include "lang/template/sha256.h"

/* What grub-mkpasswd-pbkdf2 takes when it is not told otherwise. */
#define PBKDF2_ROUNDS 10000
#define PBKDF2_SIZE 64
/* Most that crypt(5) takes of a salt for this method. */
#define CRYPT_SALT_LENGTH 16

void password_write_crypt(struct text *ret, const char *password, const char *salt)
{
    static const char letters[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    uint8_t digest[SHA256_SIZE];
    char setting[sizeof "$5$" + CRYPT_SALT_LENGTH] = "$5$";
    struct crypt_data *data = MEMORY_NEW(struct crypt_data);
    sha256(digest, bytes_of_text(salt));
    for (size_t i = 0; i < CRYPT_SALT_LENGTH; i++)
        setting[3 + i] = letters[digest[i] % 64];
    const char *hash = crypt_r(password, setting, data);
    text_append(ret, hash ? hash : "*");
    free(data);
}

static void append_hex(struct text *ret, const uint8_t *octets, size_t size)
{
    for (size_t i = 0; i < size; i++)
        text_print(ret, "%02X", octets[i]);
}

void password_write_pbkdf2(struct text *ret, const char *password, const char *salt)
{
    uint8_t digest[SHA256_SIZE];
    uint8_t key[PBKDF2_SIZE] = {0};
    const gnutls_datum_t secret = {(unsigned char *)password, (unsigned)strlen(password)};
    const gnutls_datum_t salt_datum = {digest, sizeof digest};
    sha256(digest, bytes_of_text(salt));
    gnutls_pbkdf2(GNUTLS_MAC_SHA512, &secret, &salt_datum, PBKDF2_ROUNDS, key, sizeof key);
    text_print(ret, "grub.pbkdf2.sha512.%d.", PBKDF2_ROUNDS);
    append_hex(ret, digest, sizeof digest);
    text_append_char(ret, '.');
    append_hex(ret, key, sizeof key);
}
