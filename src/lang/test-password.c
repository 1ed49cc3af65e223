/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/password.h"

#include <crypt.h>

#include "test.h"

static void crypt_takes_the_password_again(void)
{
    AUTO(text_finish) struct text hash = {0};
    AUTO(text_finish) struct text other = {0};
    password_write_crypt(&hash, "open sesame", "group 1");
    CHECK(text_starts_with(text_characters(&hash), "$5$"));
    CHECK_TEXT(crypt("open sesame", text_characters(&hash)), text_characters(&hash));
    password_write_crypt(&other, "open sesame", "group 2");
    CHECK(!text_is(text_characters(&hash), text_characters(&other)));
}

static void pbkdf2_is_as_grub_reads_it(void)
{
    AUTO(text_finish) struct text hash = {0};
    password_write_pbkdf2(&hash, "secret", "salt");
    CHECK_TEXT(text_characters(&hash),
               "grub.pbkdf2.sha512.10000.63479AD69A090B258277EC8FBA6F99419A2FFB248981510657C944CCD1148E97."
               "5384C06835EAC0A3DA1E9F95E4A9800F2CFFA1380BD507F575C4913B642F472B89068A78D7E28BA7FBE8756196A3C8CC0650D84"
               "3D8C759E2CD992573078C5164");
}

int main(void)
{
    RUN(crypt_takes_the_password_again);
    RUN(pbkdf2_is_as_grub_reads_it);
    return test_result();
}
