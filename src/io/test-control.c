/* SPDX-License-Identifier: Apache-2.0 */
#include "io/control.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/memory.h"
#include "test.h"

/* A server that answers each question with itself, and one who asks from another thread. */
static struct loop *loop;
static struct control *control;
static char *folder;
static char *path;

struct asker {
    pthread_t thread;
    const char *path;
    struct bytes question;
    struct text answer;
    int result;
};

static void echo(void *context, struct bytes question)
{
    struct text answer = {0};
    (void)context;
    text_append(&answer, "you said ");
    text_append_bytes(&answer, question);
    control_answer(control, text_bytes(&answer));
    text_finish(&answer);
}

static void stop_loop(void *context)
{
    (void)context;
    loop_stop(loop);
}

static void *ask(void *context)
{
    struct asker *asker = context;
    asker->result = control_ask(&asker->answer, asker->path, asker->question, NULL);
    loop_post(loop, stop_loop, NULL);
    return NULL;
}

static void start_at(const char *name)
{
    char template[] = "/tmp/muster-control-XXXXXX";
    struct diag why;
    folder = memory_text(mkdtemp(template));
    path = memory_print("%s/%s", folder, name);
    loop = loop_create(&why);
    CHECK_NUMBER(control_listen(&control, loop, path, echo, NULL, &why), 0);
}

static void stop(void)
{
    control_close(control);
    loop_destroy(loop);
    CHECK(access(path, F_OK) < 0);
    rmdir(folder);
    free(path);
    free(folder);
}

static void asks(struct bytes question)
{
    struct asker asker = {.path = path, .question = question};
    pthread_create(&asker.thread, NULL, ask, &asker);
    loop_run(loop);
    pthread_join(asker.thread, NULL);
    CHECK_NUMBER(asker.result, CONTROL_OK);
    CHECK_NUMBER(asker.answer.length, 9 + question.size);
    CHECK(asker.answer.length > 9 && memcmp(asker.answer.characters + 9, question.data, question.size) == 0);
    text_finish(&asker.answer);
}

static void a_question_gets_its_answer(void)
{
    start_at("socket");
    asks(bytes_of_text("list\n"));
    asks(bytes_of_text("list again\n"));
    stop();
}

/* More than any socket holds. */
static void a_long_question_gets_a_long_answer(void)
{
    start_at("socket");
    size_t size = (size_t)8 << 20;
    AUTO(free) char *question = memory_new(size, 1);
    memset(question, 'x', size);
    asks(bytes_of(question, size));
    stop();
}

static void the_socket_is_for_its_user_and_group_alone(void)
{
    struct stat status;
    start_at("socket");
    CHECK_NUMBER(stat(path, &status), 0);
    CHECK_NUMBER(status.st_mode & 0777, 0660);
    stop();
}

/* A path of more than 107 octets, which no socket's address has room for. */
static void a_path_may_be_long(void)
{
    char name[200];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    /* In an address by way of the folder there is room for names of some 85 octets. */
    name[80] = '\0';
    char template[] = "/tmp/muster-control-with-a-long-name-of-its-folder-as-tests-and-people-have-them-XXXXXX";
    struct diag why;
    folder = memory_text(mkdtemp(template));
    path = memory_print("%s/%s", folder, name);
    CHECK(strlen(path) > 108);
    loop = loop_create(&why);
    CHECK_NUMBER(control_listen(&control, loop, path, echo, NULL, &why), 0);
    asks(bytes_of_text("list\n"));
    stop();
}

static void where_nobody_listens_is_told_from_what_cannot_be_asked(void)
{
    struct text answer = {0};
    CHECK_NUMBER(control_ask(&answer, "/tmp/muster-no-such-socket", bytes_of_text("x"), NULL), CONTROL_E_NOBODY);
    CHECK_NUMBER(control_ask(&answer, "/tmp/muster-no-such-folder/socket", bytes_of_text("x"), NULL), CONTROL_E_NOBODY);
    CHECK_NUMBER(answer.length, 0);
}

static void what_a_server_left_behind_is_replaced(void)
{
    start_at("socket");
    AUTO(free) char *aside = memory_print("%s.aside", path);
    CHECK_NUMBER(link(path, aside), 0);
    control_close(control);
    CHECK_NUMBER(rename(aside, path), 0);
    struct text answer = {0};
    CHECK_NUMBER(control_ask(&answer, path, bytes_of_text("x"), NULL), CONTROL_E_NOBODY);
    struct diag why;
    CHECK_NUMBER(control_listen(&control, loop, path, echo, NULL, &why), 0);
    asks(bytes_of_text("list\n"));
    stop();
}

static void one_who_says_nothing_holds_up_others_for_a_moment(void)
{
    start_at("socket");
    AUTO(fd_close) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    CHECK_NUMBER(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    instant begin = clock_now().steady;
    asks(bytes_of_text("list\n"));
    CHECK(clock_now().steady - begin < 4 * SECOND);
    stop();
}

/* One whose question was read and that no loop answers, and one that says nothing. */
static void the_end_waits_for_nobody(void)
{
    for (int is_silent = 0; is_silent < 2; is_silent++) {
        start_at("socket");
        struct asker asker = {.path = path, .question = bytes_of_text("list\n")};
        AUTO(fd_close) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
        if (is_silent)
            CHECK_NUMBER(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
        else
            pthread_create(&asker.thread, NULL, ask, &asker);
        usleep(20000);
        instant begin = clock_now().steady;
        control_close(take_pointer(control));
        CHECK(clock_now().steady - begin < CONTROL_PATIENCE / 2);
        if (!is_silent)
            pthread_join(asker.thread, NULL);
        text_finish(&asker.answer);
        stop();
    }
}

int main(void)
{
    RUN(a_question_gets_its_answer);
    RUN(a_long_question_gets_a_long_answer);
    RUN(the_socket_is_for_its_user_and_group_alone);
    RUN(a_path_may_be_long);
    RUN(where_nobody_listens_is_told_from_what_cannot_be_asked);
    RUN(what_a_server_left_behind_is_replaced);
    RUN(one_who_says_nothing_holds_up_others_for_a_moment);
    RUN(the_end_waits_for_nobody);
    return test_result();
}
