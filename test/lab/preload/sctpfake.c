/*
 * Lets the reference program's passive side start on a kernel without SCTP, for tests over TCP and UDP.
 *
 * It insists on SCTP listeners before it serves anything. With this library preloaded, a socket of protocol 132
 * becomes a TCP socket on a port of its own that nobody connects to, and SCTP's socket options succeed without
 * effect. Everything else goes through untouched.
 *
 * gcc -shared -fPIC -O2 -o sctpfake.so sctpfake.c -ldl
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define SCTP 132
#define MAX_FD 65536

static unsigned char faked[MAX_FD];

static int is_faked(int fd) { return fd >= 0 && fd < MAX_FD && faked[fd]; }

int socket(int domain, int type, int protocol)
{
   int (*next)(int, int, int) = dlsym(RTLD_NEXT, "socket");
   if (protocol != SCTP) {
      int fd = next(domain, type, protocol);
      if (fd >= 0 && fd < MAX_FD)
         faked[fd] = 0;
      return fd;
   }
   int flags = type & (SOCK_CLOEXEC | SOCK_NONBLOCK);
   int fd = next(domain, SOCK_STREAM | flags, 0);
   if (fd >= 0 && fd < MAX_FD)
      faked[fd] = 1;
   return fd;
}

int bind(int fd, const struct sockaddr *address, socklen_t length)
{
   int (*next)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "bind");
   struct sockaddr_storage copy;
   if (!is_faked(fd) || length > sizeof(copy))
      return next(fd, address, length);
   /* The real port belongs to the TCP listener beside this one. */
   memcpy(&copy, address, length);
   if (copy.ss_family == AF_INET)
      ((struct sockaddr_in *)&copy)->sin_port = 0;
   else if (copy.ss_family == AF_INET6)
      ((struct sockaddr_in6 *)&copy)->sin6_port = 0;
   return next(fd, (struct sockaddr *)&copy, length);
}

int setsockopt(int fd, int level, int option, const void *value, socklen_t length)
{
   int (*next)(int, int, int, const void *, socklen_t) = dlsym(RTLD_NEXT, "setsockopt");
   if (level == SCTP)
      return 0;
   return next(fd, level, option, value, length);
}
