//go:build ignore

// The least that sends and receives on many flows at a rate, both ways: one thread
// and one epoll per side, all flows in step, a call per message.
//
//   manyflows passive|active udp|tcp PORT FLOWS RATE SIZE SECONDS
//
// Each side prints when it sent its first and last message (microseconds since the
// epoch), the totals, and the least and the most that a flow sent of what was planned.
#include "common.h"

typedef struct {
   int                fd;
   struct sockaddr_in peer;  // passive over UDP: where the flow comes from
   uint64_t           sent, received, bytes;
   int64_t            first, last;  // CLOCK_REALTIME of sending, ns
} Flow;

static int     passive, udp, flows, rate, size, ep, single = -1, ready;
static Flow*   flow;
static int64_t begun;  // 0: not yet

static void watch(int fd, uint32_t index)
{
   struct epoll_event e = { .events = EPOLLIN, .data.u32 = index };
   check(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e), "epoll_ctl");
}

static void sendAll(void)
{
   static unsigned char m[65536];
   for(int i = 0; i < flows; i++) {
      Flow*   f = &flow[i];
      ssize_t n;
      patch(m, (uint32_t)size, (uint32_t)i, f->sent);
      if(passive && udp) {
         n = sendto(single, m, (size_t)size, MSG_DONTWAIT, (struct sockaddr*)&f->peer, sizeof(f->peer));
      }
      else {
         n = send(f->fd, m, (size_t)size, MSG_DONTWAIT | MSG_NOSIGNAL);
      }
      if(n == size) {
         f->last = now(CLOCK_REALTIME);
         f->first = f->first ? f->first : f->last;
         f->sent++;
      }
   }
}

// A first message tells where its flow comes from and is answered in kind.
static void hello(uint32_t id, const struct sockaddr_in* from, const unsigned char* m)
{
   if(id < (uint32_t)flows) {
      ready += flow[id].peer.sin_port == 0;
      flow[id].peer = *from;
      sendto(single, m, HEADER, 0, (const struct sockaddr*)from, sizeof(*from));
   }
}

static void receive(uint32_t index)
{
   static unsigned char m[65536];
   struct sockaddr_in   from;
   socklen_t            length = sizeof(from);
   if(passive && udp) {
      const ssize_t n = recvfrom(single, m, sizeof(m), MSG_DONTWAIT, (struct sockaddr*)&from, &length);
      uint32_t      id;
      memcpy(&id, m + 4, 4);
      id = be32toh(id);
      if(n == HEADER) {
         hello(id, &from, m);
      }
      else if(n == size && id < (uint32_t)flows) {
         begun = begun ? begun : now(CLOCK_MONOTONIC);
         flow[id].received++;
      }
      return;
   }
   const ssize_t n = recv(flow[index].fd, m, sizeof(m), MSG_DONTWAIT);
   if(n > 0 && (!udp || n == size)) {
      begun = begun ? begun : now(CLOCK_MONOTONIC);
      flow[index].bytes += (uint64_t)n;
      flow[index].received = flow[index].bytes / (uint64_t)size;
   }
   else if(n == 0) {
      epoll_ctl(ep, EPOLL_CTL_DEL, flow[index].fd, NULL);
   }
}

static void setUpActive(struct sockaddr_in* a)
{
   for(int i = 0; i < flows; i++) {
      flow[i].fd = socket(AF_INET, udp ? SOCK_DGRAM : SOCK_STREAM, 0);
      check(connect(flow[i].fd, (struct sockaddr*)a, sizeof(*a)), "connect");
      unsigned char  m[HEADER];
      struct timeval wait = { .tv_usec = 200000 };
      if(udp) {
         check(setsockopt(flow[i].fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)), "setsockopt");
         int tries = 5;
         do {
            patch(m, HEADER, (uint32_t)i, 0);
            check(send(flow[i].fd, m, HEADER, 0) != HEADER || tries-- == 0, "hello");
         } while(recv(flow[i].fd, m, HEADER, 0) != HEADER);
      }
      watch(flow[i].fd, (uint32_t)i);
   }
   begun = now(CLOCK_MONOTONIC) + NS / 100;
}

static void setUpPassive(struct sockaddr_in* a)
{
   const int one = 1;
   single        = socket(AF_INET, udp ? SOCK_DGRAM : SOCK_STREAM, 0);
   setsockopt(single, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
   check(bind(single, (struct sockaddr*)a, sizeof(*a)), "bind");
   if(udp) {
      // All flows' messages of an instant arrive while this thread sends its own.
      const int most = 4 << 20;
      setsockopt(single, SOL_SOCKET, SO_RCVBUF, &most, sizeof(most));
      watch(single, 0);
      return;
   }
   check(listen(single, 4096), "listen");
   for(int i = 0; i < flows; i++) {
      flow[i].fd = accept(single, NULL, NULL);
      check(flow[i].fd < 0, "accept");
      watch(flow[i].fd, (uint32_t)i);
   }
}

// Waits for messages until the instant, 0: for one round of them, without limit.
static void receiveUntil(int64_t instant)
{
   struct epoll_event e[256];
   do {
      const int64_t   left = instant - now(CLOCK_MONOTONIC);
      struct timespec t    = { .tv_sec = left > 0 ? left / NS : 0, .tv_nsec = left > 0 ? left % NS : 0 };
      const int       n    = epoll_pwait2(ep, e, 256, instant ? &t : NULL, NULL);
      for(int i = 0; i < n; i++) {
         receive(e[i].data.u32);
      }
   } while(instant && now(CLOCK_MONOTONIC) < instant);
}

static void report(const int64_t frames)
{
   uint64_t sent = 0, received = 0;
   int64_t  first = INT64_MAX, last = 0;
   double   slowest = 1e9, fastest = 0;
   for(int i = 0; i < flows; i++) {
      const Flow*  f     = &flow[i];
      const double share = (double)f->sent / (double)frames;
      sent += f->sent;
      received += f->received;
      first   = f->first < first ? f->first : first;
      last    = f->last > last ? f->last : last;
      slowest = share < slowest ? share : slowest;
      fastest = share > fastest ? share : fastest;
   }
   printf("first %lld last %lld sent %llu received %llu slowest %.6f fastest %.6f\n", (long long)(first / 1000),
          (long long)(last / 1000), (unsigned long long)sent, (unsigned long long)received, slowest, fastest);
}

int main(int argc, char** argv)
{
   if(argc != 8) {
      fputs("usage: manyflows passive|active udp|tcp PORT FLOWS RATE SIZE SECONDS\n", stderr);
      return 1;
   }
   passive = strcmp(argv[1], "passive") == 0;
   udp     = strcmp(argv[2], "udp") == 0;
   flows   = atoi(argv[4]);
   rate    = atoi(argv[5]);
   size    = atoi(argv[6]);
   flow    = calloc((size_t)flows, sizeof(Flow));
   ep      = epoll_create1(0);
   check(prctl(PR_SET_TIMERSLACK, 1UL, 0, 0, 0), "prctl");
   struct sockaddr_in a = loopback(atoi(argv[3]));
   if(passive) {
      setUpPassive(&a);
   }
   else {
      setUpActive(&a);
   }
   while(begun == 0) {
      receiveUntil(0);
   }
   const int64_t frames = (int64_t)rate * atoll(argv[7]);
   for(int64_t k = 0; k < frames; k++) {
      receiveUntil(begun + k * NS / rate);
      sendAll();
   }
   receiveUntil(now(CLOCK_MONOTONIC) + NS / 2);  // what is under way
   report(frames);
   return 0;
}
