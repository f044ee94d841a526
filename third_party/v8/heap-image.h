// The heap of a snapshot as it lies in memory, which is mapped and moved instead of rebuilt object by object.
//
// V8 serialises a heap as a program for a machine that allocates every object and fills its slots one at a time: 160 instructions a
// slot. An image holds the same objects side by side in chunks as they will lie in the heap's pages, each pointer as an address in the
// image and a bit for each word that is one. Loading is a copy of each chunk and an addition for each pointer.
//
// An image is made of an isolate that was just rebuilt from a snapshot and is for that snapshot and for that executable: pointers into
// the executable are kept as distances from its start. What an image cannot hold makes `Make` refuse; the snapshot is always there.
#ifndef V8_SNAPSHOT_HEAP_IMAGE_H_
#define V8_SNAPSHOT_HEAP_IMAGE_H_

#include <cstddef>
#include <cstdint>

#include "src/handles/handles.h"
#include "src/handles/maybe-handles.h"

namespace v8 {
namespace internal {

class Context;
class Isolate;
class JSGlobalProxy;

class HeapImage {
 public:
  // Fills the heap of `isolate`, which has nothing yet but read-only space, from the image that this thread was given by
  // `pack_heap_image_offer`. False: there is none, or it is of another snapshot or executable; nothing has changed.
  static bool Load(Isolate* isolate);

  // The context that came with the image, once, if it is the one with this index.
  static MaybeDirectHandle<Context> TakeContext(
      Isolate* isolate, size_t index, DirectHandle<JSGlobalProxy> global_proxy);

  // If this thread asked for it by `pack_heap_image_request`: makes the image of `isolate` and of `context`, which was rebuilt a moment
  // ago with `global_proxy`.
  static void MaybeMake(Isolate* isolate, DirectHandle<Context> context,
                        size_t index,
                        DirectHandle<JSGlobalProxy> global_proxy);
};

}  // namespace internal
}  // namespace v8

#endif  // V8_SNAPSHOT_HEAP_IMAGE_H_
