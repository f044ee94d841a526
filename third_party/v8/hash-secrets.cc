// What a process's hashes of strings are keyed with, besides the seed.
//
// The conditions are rapidhash's (third_party/rapidhash-v8/secret.h): each byte has four bits set, two secrets differ in 32 bits, each is
// prime. V8's own search multiplies modulo a number bit by bit, which takes two milliseconds of a start; this one uses the processor's
// multiplication and division of 128 bits.

#include <bit>
#include <cstddef>
#include <cstdint>

namespace v8 {
namespace internal {

namespace {

// SplitMix64: every seed leads to other numbers.
uint64_t Next(uint64_t* state) {
  uint64_t z = *state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

// A byte with four bits set, odd if asked for.
uint64_t BalancedByte(uint64_t* state, bool odd) {
  while (true) {
    uint64_t bits = Next(state);
    for (int i = 0; i < 8; ++i, bits >>= 8) {
      const uint8_t byte = static_cast<uint8_t>(bits);
      if (std::popcount(byte) == 4 && (!odd || (byte & 1))) return byte;
    }
  }
}

uint64_t Multiply(uint64_t a, uint64_t b, uint64_t modulus) {
  return static_cast<uint64_t>(static_cast<unsigned __int128>(a) * b % modulus);
}

// Miller and Rabin's test, which is exact for 64 bits with these bases.
bool IsPrime(uint64_t n) {
  constexpr uint64_t kBases[] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37};
  for (uint64_t base : kBases) {
    if (n % base == 0) return n == base;
  }
  const int twos = std::countr_zero(n - 1);
  for (uint64_t base : kBases) {
    uint64_t power = 1;
    for (uint64_t exponent = (n - 1) >> twos, square = base; exponent;
         exponent >>= 1, square = Multiply(square, square, n)) {
      if (exponent & 1) power = Multiply(power, square, n);
    }
    bool passes = power == 1 || power == n - 1;
    for (int i = 1; i < twos && !passes; ++i) {
      power = Multiply(power, power, n);
      passes = power == n - 1;
    }
    if (!passes) return false;
  }
  return true;
}

}  // namespace

// Fills three `secrets` that follow from `seed`.
void MakeHashSecrets(uint64_t seed, uint64_t* secrets) {
  for (size_t i = 0; i < 3; ++i) {
    bool fits;
    do {
      secrets[i] = BalancedByte(&seed, true);
      for (int shift = 8; shift < 64; shift += 8) {
        secrets[i] |= BalancedByte(&seed, false) << shift;
      }
      fits = true;
      for (size_t j = 0; j < i && fits; ++j) {
        fits = std::popcount(secrets[i] ^ secrets[j]) == 32;
      }
    } while (!fits || !IsPrime(secrets[i]));
  }
}

}  // namespace internal
}  // namespace v8
