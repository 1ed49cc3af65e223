/* SPDX-License-Identifier: Apache-2.0 */
/* Signing: librnp reads the key ring and unlocks the key, GnuTLS signs. librnp signs detached as binary only, and
 * Matchbox's signatures are of text. */
#include "io/signer.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/memory.h"
#include "io/rnp.h"
#include "io/signature.h"

#define DIGEST_SIZE 32

AUTO_DEFINE(rnp_key_handle_destroy, rnp_key_handle_t);
AUTO_DEFINE(rnp_ffi_destroy, rnp_ffi_t);
AUTO_DEFINE(rnp_input_destroy, rnp_input_t);
AUTO_DEFINE(rnp_output_destroy, rnp_output_t);
AUTO_DEFINE(rnp_buffer_destroy, char *);
AUTO_DEFINE(rnp_identifier_iterator_destroy, rnp_identifier_iterator_t);

/* The signature of one document. */
struct remembered {
    uint8_t digest[DIGEST_SIZE]; /* of the document */
    struct text packet;
    UT_hash_handle hh; /* signer::remembered; oldest first */
};

struct signer {
    gnutls_privkey_t key;
    enum signature_algorithm algorithm;
    uint8_t key_id[SIGNATURE_KEY_ID_SIZE];
    char *described;
    pthread_mutex_t lock; /* of what follows */
    struct remembered *remembered;
};

static int fail_rnp(struct diag *why, const char *what, const char *ring, rnp_result_t code)
{
    return fail(why, -EINVAL, "%s of the key ring '%s': %s", what, ring, rnp_result_to_string(code));
}

/* Whether the file can be read at all, in the words of the system. */
static int check_ring(const char *ring, struct diag *why)
{
    struct stat status;
    AUTO(fd_close) int fd = open(ring, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &status) < 0)
        return fail(why, -errno, "read the key ring '%s': %s", ring, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return fail(why, -EINVAL, "the key ring '%s' is not a file: make one with gpg --export-secret-keys", ring);
    if (status.st_size > SIGNER_RING_MAX)
        return fail(why, -EFBIG, "the key ring '%s' is larger than %d MB", ring, SIGNER_RING_MAX >> 20);
    return 0;
}

static int load_ring(rnp_ffi_t *ret, const char *ring, struct diag *why)
{
    AUTO(rnp_ffi_destroy) rnp_ffi_t keys = NULL;
    AUTO(rnp_input_destroy) rnp_input_t input = NULL;
    int result = check_ring(ring, why);
    if (result < 0)
        return result;
    rnp_result_t code = rnp_ffi_create(&keys, "GPG", "GPG");
    if (code == RNP_SUCCESS) {
        code = rnp_input_from_path(&input, ring);
    }
    if (code != RNP_SUCCESS)
        return fail_rnp(why, "opening", ring, code);
    code = rnp_load_keys(keys, "GPG", input, RNP_LOAD_SAVE_SECRET_KEYS);
    if (code != RNP_SUCCESS)
        return fail(why, -EINVAL, "'%s' is no OpenPGP key ring (%s): make one with gpg --export-secret-keys", ring,
                    rnp_result_to_string(code));
    *ret = take_pointer(keys);
    return 0;
}

static bool key_is_first(rnp_key_handle_t key)
{
    bool primary = false;
    bool secret = false;
    return rnp_key_is_primary(key, &primary) == RNP_SUCCESS && rnp_key_have_secret(key, &secret) == RNP_SUCCESS &&
           primary && secret;
}

/* The first secret key in the order of the file. */
static int find_first(rnp_key_handle_t *ret, rnp_ffi_t keys, const char *ring, struct diag *why)
{
    AUTO(rnp_identifier_iterator_destroy) rnp_identifier_iterator_t iterator = NULL;
    const char *fingerprint = NULL;
    rnp_result_t code = rnp_identifier_iterator_create(keys, &iterator, "fingerprint");
    if (code != RNP_SUCCESS)
        return fail_rnp(why, "listing", ring, code);
    while (rnp_identifier_iterator_next(iterator, &fingerprint) == RNP_SUCCESS && fingerprint) {
        AUTO(rnp_key_handle_destroy) rnp_key_handle_t key = NULL;
        if (rnp_locate_key(keys, "fingerprint", fingerprint, &key) != RNP_SUCCESS || !key || !key_is_first(key))
            continue;
        *ret = take_pointer(key);
        return 0;
    }
    return fail(why, -ENOKEY,
                "the key ring '%s' holds no secret key; gpg --export-secret-keys writes one that does, gpg --export "
                "public keys only",
                ring);
}

/* A key that may only certify leaves signing to a subkey, and whoever verifies insists on it. */
static void prefer_signing_subkey(rnp_key_handle_t *key)
{
    bool signs = false;
    rnp_key_handle_t subkey = NULL;
    if (rnp_key_allows_usage(*key, "sign", &signs) == RNP_SUCCESS && signs)
        return;
    if (rnp_key_get_default_key(*key, "sign", RNP_KEY_SUBKEYS_ONLY, &subkey) != RNP_SUCCESS || !subkey)
        return;
    rnp_key_handle_destroy(*key);
    *key = subkey;
}

static char *describe(rnp_key_handle_t primary, rnp_key_handle_t key)
{
    AUTO(rnp_buffer_destroy) char *algorithm = NULL;
    AUTO(rnp_buffer_destroy) char *id = NULL;
    AUTO(rnp_buffer_destroy) char *user = NULL;
    AUTO(text_finish) struct text text = {0};
    rnp_key_get_alg(key, &algorithm);
    rnp_key_get_keyid(key, &id);
    rnp_key_get_uid_at(primary, 0, &user);
    text_print(&text, "%s key %s", algorithm ? algorithm : "unknown", id ? id : "");
    if (user) {
        text_append(&text, " of '");
        text_append_shown(&text, bytes_of_text(user), 200);
        text_append(&text, "'");
    }
    return text_take(&text);
}

static int unlock(rnp_key_handle_t key, const char *described, const char *passphrase, struct diag *why)
{
    bool is_protected = false;
    if (rnp_key_is_protected(key, &is_protected) != RNP_SUCCESS)
        return fail(why, -EINVAL, "the secret part of %s is not in the key ring", described);
    if (!is_protected)
        return 0;
    if (!passphrase || !*passphrase)
        return fail(why, -EKEYREJECTED,
                    "%s is locked: give its passphrase in MATCHBOX_PASSPHRASE or the file of sign.passphrase_file",
                    described);
    if (rnp_key_unprotect(key, passphrase) != RNP_SUCCESS)
        return fail(why, -EKEYREJECTED, "the passphrase given does not unlock %s", described);
    return 0;
}

static gnutls_datum_t datum_of(struct bytes bytes)
{
    return (gnutls_datum_t){.data = (unsigned char *)bytes.data, .size = (unsigned)bytes.size};
}

static int import_rsa(gnutls_privkey_t key, const struct signature_key *numbers)
{
    gnutls_datum_t n = datum_of(numbers->rsa.n), e = datum_of(numbers->rsa.e), d = datum_of(numbers->rsa.d);
    gnutls_datum_t p = datum_of(numbers->rsa.p), q = datum_of(numbers->rsa.q);
    return gnutls_privkey_import_rsa_raw(key, &n, &e, &d, &p, &q, NULL, NULL, NULL);
}

static int import_ed25519(gnutls_privkey_t key, const struct signature_key *numbers)
{
    uint8_t seed[32] = {0};
    struct bytes given = numbers->ed25519.seed;
    memcpy(seed + sizeof seed - given.size, given.data, given.size);
    gnutls_datum_t point = datum_of(numbers->ed25519.point), secret = datum_of(bytes_of(seed, sizeof seed));
    int result = gnutls_privkey_import_ecc_raw(key, GNUTLS_ECC_CURVE_ED25519, &point, NULL, &secret);
    gnutls_memset(seed, 0, sizeof seed);
    return result;
}

static int import(struct signer *signer, struct bytes packets, struct diag *why)
{
    struct signature_key numbers;
    int result = signature_key_parse(&numbers, packets);
    if (result == SIGNATURE_E_UNSUPPORTED)
        return fail(why, -ENOTSUP, "%s cannot be used: muster signs with RSA and Ed25519", signer->described);
    if (result != SIGNATURE_OK)
        return fail(why, -EINVAL, "the secret part of %s cannot be read", signer->described);
    signer->algorithm = numbers.algorithm;
    int code = gnutls_privkey_init(&signer->key);
    if (code == 0)
        code = numbers.algorithm == SIGNATURE_EDDSA ? import_ed25519(signer->key, &numbers)
                                                    : import_rsa(signer->key, &numbers);
    return code == 0 ? 0 : fail(why, -EINVAL, "%s cannot be used: %s", signer->described, gnutls_strerror(code));
}

/* Sixteen hexadecimal digits. */
static bool read_key_id(uint8_t *ret, rnp_key_handle_t key)
{
    AUTO(rnp_buffer_destroy) char *id = NULL;
    if (rnp_key_get_keyid(key, &id) != RNP_SUCCESS)
        return false;
    size_t size = SIGNATURE_KEY_ID_SIZE;
    gnutls_datum_t digits = datum_of(bytes_of_text(id));
    return gnutls_hex_decode(&digits, ret, &size) == 0 && size == SIGNATURE_KEY_ID_SIZE;
}

static int import_key(struct signer *signer, rnp_key_handle_t key, struct diag *why)
{
    AUTO(rnp_output_destroy) rnp_output_t output = NULL;
    uint8_t *packets = NULL;
    size_t size = 0;
    if (!read_key_id(signer->key_id, key) || rnp_output_to_memory(&output, 0) != RNP_SUCCESS ||
        rnp_key_export(key, output, RNP_KEY_EXPORT_SECRET) != RNP_SUCCESS ||
        rnp_output_memory_get_buf(output, &packets, &size, false) != RNP_SUCCESS)
        return fail(why, -EINVAL, "the secret part of %s cannot be read", signer->described);
    int result = import(signer, bytes_of(packets, size), why);
    gnutls_memset(packets, 0, size);
    return result;
}

static int open_key(struct signer *signer, const char *ring, const char *passphrase, struct diag *why)
{
    AUTO(rnp_ffi_destroy) rnp_ffi_t keys = NULL;
    AUTO(rnp_key_handle_destroy) rnp_key_handle_t primary = NULL;
    AUTO(rnp_key_handle_destroy) rnp_key_handle_t key = NULL;
    int result = load_ring(&keys, ring, why);
    if (result == 0)
        result = find_first(&primary, keys, ring, why);
    if (result == 0)
        result = find_first(&key, keys, ring, why);
    if (result < 0)
        return result;
    prefer_signing_subkey(&key);
    signer->described = describe(primary, key);
    result = unlock(key, signer->described, passphrase, why);
    return result == 0 ? import_key(signer, key, why) : result;
}

int signer_open(struct signer **ret, const char *ring, const char *passphrase, struct diag *why)
{
    struct signer *signer = MEMORY_NEW(struct signer);
    pthread_mutex_init(&signer->lock, NULL);
    int result = rnp_library_load(why);
    if (result == 0)
        result = open_key(signer, ring, passphrase, why);
    if (result < 0) {
        signer_close(signer);
        return result;
    }
    *ret = signer;
    return 0;
}

static void forget(struct signer *signer, struct remembered *one)
{
    HASH_DEL(signer->remembered, one);
    text_finish(&one->packet);
    free(one);
}

void signer_close(struct signer *signer)
{
    if (!signer)
        return;
    while (signer->remembered)
        forget(signer, signer->remembered);
    if (signer->key)
        gnutls_privkey_deinit(signer->key);
    pthread_mutex_destroy(&signer->lock);
    free(signer->described);
    free(signer);
}

const char *signer_key(const struct signer *signer)
{
    return signer->described;
}

static bool recall(struct text *ret, struct signer *signer, const uint8_t *digest)
{
    struct remembered *one = NULL;
    pthread_mutex_lock(&signer->lock);
    HASH_FIND(hh, signer->remembered, digest, DIGEST_SIZE, one);
    if (one)
        text_append_bytes(ret, text_bytes(&one->packet));
    pthread_mutex_unlock(&signer->lock);
    return one != NULL;
}

static void remember(struct signer *signer, const uint8_t *digest, struct bytes packet)
{
    struct remembered *one = NULL;
    pthread_mutex_lock(&signer->lock);
    HASH_FIND(hh, signer->remembered, digest, DIGEST_SIZE, one);
    if (!one) {
        if (HASH_COUNT(signer->remembered) >= SIGNER_REMEMBERED_MAX)
            forget(signer, signer->remembered);
        one = MEMORY_NEW(struct remembered);
        memcpy(one->digest, digest, DIGEST_SIZE);
        text_append_bytes(&one->packet, packet);
        HASH_ADD(hh, signer->remembered, digest, DIGEST_SIZE, one);
    }
    pthread_mutex_unlock(&signer->lock);
}

static void update_hash(void *context, struct bytes piece)
{
    gnutls_hash(context, piece.data, piece.size);
}

static int hash_document(uint8_t *ret, struct bytes document, const struct signature *signature)
{
    gnutls_hash_hd_t hash;
    uint8_t memory[SIGNATURE_TRAILER_MAX];
    struct writer trailer = writer_over(memory, sizeof memory);
    int code = gnutls_hash_init(&hash, GNUTLS_DIG_SHA256);
    if (code < 0)
        return code;
    signature_write_trailer(&trailer, signature);
    signature_hash_document(document, signature->type, update_hash, hash);
    update_hash(hash, writer_bytes(&trailer));
    gnutls_hash_deinit(hash, ret);
    return 0;
}

/* EdDSA signs octets: in OpenPGP those of the digest. */
static int sign_digest(gnutls_datum_t *ret, struct signer *signer, const uint8_t *digest)
{
    gnutls_datum_t given = datum_of(bytes_of(digest, DIGEST_SIZE));
    if (signer->algorithm == SIGNATURE_EDDSA)
        return gnutls_privkey_sign_data2(signer->key, GNUTLS_SIGN_EDDSA_ED25519, 0, &given, ret);
    return gnutls_privkey_sign_hash2(signer->key, GNUTLS_SIGN_RSA_SHA256, 0, &given, ret);
}

static int make_packet(struct text *ret, struct signer *signer, struct bytes document, int64_t now)
{
    struct signature signature = {
        .type = signature_type_for(document), .algorithm = signer->algorithm, .created = (uint32_t)now};
    uint8_t digest[DIGEST_SIZE];
    gnutls_datum_t raw = {0};
    memcpy(signature.key_id, signer->key_id, sizeof signature.key_id);
    int code = hash_document(digest, document, &signature);
    if (code == 0)
        code = sign_digest(&raw, signer, digest);
    if (code == 0)
        signature_append_packet(ret, &signature, bytes_of(digest, sizeof digest), bytes_of(raw.data, raw.size));
    gnutls_free(raw.data);
    return code;
}

int signer_sign(struct text *ret, struct signer *signer, struct bytes document, bool armored, int64_t now,
                struct diag *why)
{
    AUTO(text_finish) struct text packet = {0};
    uint8_t digest[DIGEST_SIZE];
    int code = gnutls_hash_fast(GNUTLS_DIG_SHA256, document.data, document.size, digest);
    if (code == 0 && !recall(&packet, signer, digest)) {
        code = make_packet(&packet, signer, document, now);
        if (code == 0)
            remember(signer, digest, text_bytes(&packet));
    }
    if (code != 0)
        return fail(why, -EIO, "sign with %s: %s", signer->described, gnutls_strerror(code));
    if (armored)
        signature_append_armored(ret, text_bytes(&packet));
    else
        text_append_bytes(ret, text_bytes(&packet));
    return 0;
}
