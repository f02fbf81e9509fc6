// Drives many connections through cycles of acquire and release, over TCP or HTTP, fast enough that the server never
// waits for it: only then is its processor time that of its work. Prints nothing; ends with 0 when all cycles were
// made and every answer was the one expected.
//
//     http_cost tcp|http PORT CONNECTIONS CYCLES

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 4096, CONNECTIONS_MAX = 1024 };

struct connection {
    int descriptor;
    int number;
    int releases;
    size_t filled;
    char answer[ROOM];
};

static int is_http;

static void fail(const char *what) {
    fprintf(stderr, "http_cost: %s (%s)\n", what, strerror(errno));
    exit(1);
}

static void say(struct connection *connection, const char *text, int count) {
    if (send(connection->descriptor, text, (size_t)count, MSG_NOSIGNAL) != count) fail("send");
}

static void acquire(struct connection *connection) {
    char body[128], text[512];
    connection->releases = 0;
    if (!is_http) {
        const char *form = "{\"op\":\"queue\",\"resource\":\"cost/%d\",\"lease\":30,\"notify\":\"none\"}\n";
        say(connection, text, snprintf(text, sizeof text, form, connection->number));
        return;
    }
    int length = snprintf(body, sizeof body, "{\"resource\":\"cost/%d\",\"lease\":30}", connection->number);
    const char *form =
        "POST /v1/tickets HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        "Content-Length: %d\r\n\r\n%s";
    say(connection, text, snprintf(text, sizeof text, form, length, body));
}

static void release(struct connection *connection) {
    char text[512];
    char *ticket = strstr(connection->answer, "\"ticket\":\"");
    if (!ticket) fail(connection->answer);
    ticket += 10;
    int length = (int)strcspn(ticket, "\"");
    const char *form = is_http ? "DELETE /v1/tickets/%.*s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
                               : "{\"op\":\"release\",\"ticket\":\"%.*s\"}\n";
    connection->releases = 1;
    say(connection, text, snprintf(text, sizeof text, form, length, ticket));
}

/// Whether a whole answer is here, and it is a yes.
static int is_whole(struct connection *connection) {
    if (!is_http) {
        if (connection->answer[connection->filled - 1] != '\n') return 0;
        if (!strstr(connection->answer, "\"ok\":true")) fail(connection->answer);
        return 1;
    }
    char *end = strstr(connection->answer, "\r\n\r\n");
    if (!end) return 0;
    if (strncmp(connection->answer, "HTTP/1.1 20", 11) != 0) fail(connection->answer);
    char *length = strcasestr(connection->answer, "content-length:");
    if (!length) fail("no length");
    size_t head = (size_t)(end + 4 - connection->answer);
    return connection->filled == head + (size_t)atoi(length + 15);
}

static void open_connection(struct connection *connection, int number, int port) {
    int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connection->number = number;
    connection->filled = 0;
    connection->descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (connection->descriptor < 0) fail("socket");
    if (connect(connection->descriptor, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
    setsockopt(connection->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int main(int count, char **words) {
    if (count != 5) return 64;
    is_http = strcmp(words[1], "http") == 0;
    int port = atoi(words[2]), connections = atoi(words[3]), left = atoi(words[4]);
    int under_way = connections;
    if (connections < 1 || connections > CONNECTIONS_MAX || left < connections) return 64;
    struct connection *all = calloc((size_t)connections, sizeof *all);
    int poller = epoll_create1(0);
    if (!all || poller < 0) fail("no memory");
    for (int index = 0; index < connections; index += 1) {
        open_connection(&all[index], index, port);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &all[index]};
        if (epoll_ctl(poller, EPOLL_CTL_ADD, all[index].descriptor, &event) < 0) fail("epoll_ctl");
        acquire(&all[index]);
        left -= 1;
    }
    while (under_way > 0) {
        struct epoll_event ready[64];
        int number = epoll_wait(poller, ready, 64, 10000);
        if (number <= 0) fail("no answer came for ten seconds");
        for (int index = 0; index < number; index += 1) {
            struct connection *connection = ready[index].data.ptr;
            char *room = connection->answer + connection->filled;
            ssize_t got = recv(connection->descriptor, room, ROOM - 1 - connection->filled, 0);
            if (got <= 0) fail("recv");
            connection->filled += (size_t)got;
            connection->answer[connection->filled] = 0;
            if (!is_whole(connection)) continue;
            connection->filled = 0;
            if (!connection->releases) {
                release(connection);
            } else if (left > 0) {
                left -= 1;
                acquire(connection);
            } else {
                under_way -= 1;
            }
        }
    }
    return 0;
}
