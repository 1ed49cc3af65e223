/* SPDX-License-Identifier: Apache-2.0 */
/* Keys are made and signatures verified by gpg; without it there is nothing to compare with. */
#include "io/signer.h"

#include <pthread.h>
#include <time.h>

#include "base/array.h"
#include "base/memory.h"
#include "io/signature.h"
#include "test.h"

/* Not before the keys were made. */
#define NOW time(NULL)
#define SKIPPED 77

static char home[] = "/tmp/muster-signer-XXXXXX";

static bool shell(const char *format, ...) __attribute__((format(printf, 1, 2)));

static bool shell(const char *format, ...)
{
    AUTO(text_finish) struct text command = {0};
    va_list arguments;
    va_start(arguments, format);
    text_append_list(&command, format, arguments);
    va_end(arguments);
    return system(text_characters(&command)) == 0;
}

/* Makes a key and writes it into home/NAME. */
static bool key_new(const char *name, const char *algorithm, const char *usage, const char *passphrase)
{
    return shell("gpg --quiet --batch --pinentry-mode loopback --passphrase '%s' --quick-gen-key '%s@example.com' %s "
                 "%s never 2>%s/log && gpg --quiet --batch --pinentry-mode loopback --passphrase '%s' "
                 "--export-secret-keys '%s@example.com' >%s/%s",
                 passphrase, name, algorithm, usage, home, passphrase, name, home, name);
}

static struct signer *open_ring(const char *name, const char *passphrase, struct diag *why)
{
    struct signer *signer = NULL;
    AUTO(free) char *path = memory_print("%s/%s", home, name);
    why->text[0] = '\0';
    signer_open(&signer, path, passphrase, why);
    return signer;
}

static void write_file(const char *name, struct bytes content)
{
    AUTO(free) char *path = memory_print("%s/%s", home, name);
    FILE *file = fopen(path, "wb");
    CHECK(file && fwrite(content.data, 1, content.size, file) == content.size);
    if (file)
        fclose(file);
}

static bool gpg_verifies(struct bytes document, struct bytes signature)
{
    write_file("document", document);
    write_file("signature", signature);
    return shell("gpg --quiet --batch --verify %s/signature %s/document 2>%s/log", home, home, home);
}

static void check_documents(struct signer *signer)
{
    static char long_line[100000];
    memset(long_line, 'x', sizeof long_line - 1);
    const struct {
        const char *name, *document;
    } rows[] = {{"empty", ""},
                {"script", "#!ipxe\nboot\n"},
                {"spaces at the ends of lines", "a \nb\t \n\n\n"},
                {"lines of DOS", "dos\r\nlines\r\n"},
                {"no end of line", "no end"},
                {"CR anywhere", "a\r\r\nb\r"},
                {"long line", long_line}};
    for (size_t i = 0; i < 2 * LENGTH(rows); i++) {
        AUTO(text_finish) struct text signature = {0};
        struct bytes document = bytes_of_text(rows[i / 2].document);
        CHECK_NUMBER(signer_sign(&signature, signer, document, i % 2, NOW, NULL), 0);
        CHECK_ROW(rows[i / 2].name, gpg_verifies(document, text_bytes(&signature)));
    }
}

static void check_key(const char *name, const char *algorithm, const char *usage, const char *passphrase)
{
    struct diag why;
    CHECK(key_new(name, algorithm, usage, passphrase));
    AUTO(signer_close) struct signer *signer = open_ring(name, passphrase, &why);
    CHECK_TEXT(why.text, "");
    if (signer)
        check_documents(signer);
}

static void gpg_verifies_rsa(void)
{
    check_key("rsa", "rsa2048", "sign", "");
}

static void gpg_verifies_rsa_with_a_passphrase(void)
{
    check_key("locked", "rsa3072", "sign", "open sesame");
}

static void gpg_verifies_ed25519(void)
{
    check_key("edwards", "ed25519", "sign", "");
}

static void gpg_verifies_ed25519_with_a_passphrase(void)
{
    check_key("edwards-locked", "ed25519", "sign", "open sesame");
}

/* As `gpg --gen-key` and company policies make them. */
static void a_subkey_signs_where_the_key_may_only_certify(void)
{
    struct diag why;
    CHECK(key_new("certifier", "rsa2048", "cert", ""));
    CHECK(shell("gpg --quiet --batch --pinentry-mode loopback --passphrase '' --quick-add-key $(gpg --list-keys "
                "--with-colons certifier@example.com | sed -n 's/^fpr:*\\([0-9A-F]*\\):/\\1/p' | head -1) ed25519 sign "
                "2>>%s/log && gpg --quiet --batch --export-secret-keys certifier@example.com >%s/certifier",
                home, home));
    AUTO(signer_close) struct signer *signer = open_ring("certifier", NULL, &why);
    CHECK_TEXT(why.text, "");
    if (signer)
        check_documents(signer);
}

static void an_armored_ring_is_read(void)
{
    struct diag why;
    CHECK(shell("gpg --quiet --batch --armor --export-secret-keys rsa@example.com >%s/armored", home));
    AUTO(signer_close) struct signer *signer = open_ring("armored", NULL, &why);
    CHECK_TEXT(why.text, "");
    CHECK(signer && strstr(signer_key(signer), "rsa@example.com"));
}

static void the_first_key_of_a_ring_signs(void)
{
    static const struct {
        const char *first, *second;
    } rows[] = {{"rsa", "edwards"}, {"edwards", "rsa"}};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct diag why;
        CHECK(shell("cd %s && cat %s %s >both", home, rows[i].first, rows[i].second));
        AUTO(signer_close) struct signer *signer = open_ring("both", NULL, &why);
        CHECK_ROW(rows[i].first, signer && strstr(signer_key(signer), rows[i].first));
    }
}

static void each_fault_is_named(void)
{
    static const struct {
        const char *ring, *passphrase, *words;
    } rows[] = {
        {"locked", NULL, "is locked: give its passphrase in MATCHBOX_PASSPHRASE"},
        {"locked", "", "is locked: give its passphrase in MATCHBOX_PASSPHRASE"},
        {"locked", "wrong", "the passphrase given does not unlock RSA key"},
        {"public", NULL, "holds no secret key"},
        {"nothing", NULL, "holds no secret key"},
        {"garbage", NULL, "no OpenPGP key ring"},
        {"missing", NULL, "No such file or directory"},
        {".", NULL, "is not a file"},
        {"curve", NULL, "muster signs with RSA and Ed25519"},
    };
    CHECK(shell("gpg --quiet --batch --export rsa@example.com >%s/public", home));
    CHECK(shell(": >%s/nothing; echo garbage >%s/garbage", home, home));
    CHECK(key_new("curve", "nistp256", "sign", ""));
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct diag why;
        AUTO(signer_close) struct signer *signer = open_ring(rows[i].ring, rows[i].passphrase, &why);
        CHECK_ROW(rows[i].ring, !signer);
        CHECK_ROW(rows[i].ring, strstr(why.text, rows[i].words) != NULL);
    }
}

static void signatures_are_remembered(void)
{
    struct diag why;
    AUTO(signer_close) struct signer *signer = open_ring("rsa", NULL, &why);
    AUTO(text_finish) struct text first = {0};
    AUTO(text_finish) struct text second = {0};
    CHECK_NUMBER(signer_sign(&first, signer, bytes_of_text("same"), false, NOW, &why), 0);
    CHECK_NUMBER(signer_sign(&second, signer, bytes_of_text("same"), false, NOW + 60, &why), 0);
    CHECK(bytes_equal(text_bytes(&first), text_bytes(&second)));
}

static void the_oldest_signature_is_forgotten_first(void)
{
    struct diag why;
    AUTO(signer_close) struct signer *signer = open_ring("edwards", NULL, &why);
    AUTO(text_finish) struct text before = {0};
    AUTO(text_finish) struct text after = {0};
    CHECK_NUMBER(signer_sign(&before, signer, bytes_of_text("0"), false, NOW, &why), 0);
    for (unsigned i = 1; i <= SIGNER_REMEMBERED_MAX; i++) {
        AUTO(text_finish) struct text other = {0};
        AUTO(free) char *document = memory_print("%u", i);
        CHECK_NUMBER(signer_sign(&other, signer, bytes_of_text(document), false, NOW, &why), 0);
    }
    CHECK_NUMBER(signer_sign(&after, signer, bytes_of_text("0"), false, NOW + 60, &why), 0);
    CHECK(!bytes_equal(text_bytes(&before), text_bytes(&after)));
}

static void *sign_many(void *context)
{
    for (unsigned i = 0; i < 200; i++) {
        AUTO(text_finish) struct text signature = {0};
        AUTO(free) char *document = memory_print("%u", i % 20);
        if (signer_sign(&signature, context, bytes_of_text(document), true, NOW, NULL) != 0)
            return context;
    }
    return NULL;
}

static void many_threads_sign_at_once(void)
{
    struct diag why;
    pthread_t threads[4];
    void *failed = NULL;
    AUTO(signer_close) struct signer *signer = open_ring("rsa", NULL, &why);
    for (size_t i = 0; i < LENGTH(threads); i++)
        CHECK(pthread_create(&threads[i], NULL, sign_many, signer) == 0);
    for (size_t i = 0; i < LENGTH(threads); i++) {
        pthread_join(threads[i], &failed);
        CHECK(!failed);
    }
}

int main(void)
{
    if (!shell("gpg --version >/dev/null 2>&1"))
        return SKIPPED;
    if (!mkdtemp(home))
        return EXIT_FAILURE;
    setenv("GNUPGHOME", home, 1);
    RUN(gpg_verifies_rsa);
    RUN(gpg_verifies_rsa_with_a_passphrase);
    RUN(gpg_verifies_ed25519);
    RUN(gpg_verifies_ed25519_with_a_passphrase);
    RUN(a_subkey_signs_where_the_key_may_only_certify);
    RUN(an_armored_ring_is_read);
    RUN(the_first_key_of_a_ring_signs);
    RUN(each_fault_is_named);
    RUN(signatures_are_remembered);
    RUN(the_oldest_signature_is_forgotten_first);
    RUN(many_threads_sign_at_once);
    shell("gpgconf --kill all; rm -rf %s", home);
    return test_result();
}
