#include "src/snapshot/heap-image.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <unordered_map>
#include <vector>

#include "src/api/api-inl.h"
#include "src/base/platform/mutex.h"
#include "src/common/globals.h"
#include "src/execution/isolate.h"
#include "src/handles/global-handles-inl.h"
#include "src/heap/heap-inl.h"
#include "src/heap/mutable-page-inl.h"
#include "src/heap/read-only-heap.h"
#include "src/heap/read-only-spaces.h"
#include "src/heap/visit-object.h"
#include "src/objects/js-array-buffer-inl.h"
#include "src/objects/js-objects-inl.h"
#include "src/objects/objects-inl.h"
#include "src/objects/string-table.h"
#include "src/objects/visitors-inl.h"
#include "src/sandbox/js-dispatch-table-inl.h"
#include "src/snapshot/embedded/embedded-data.h"
#include "src/snapshot/serializer-deserializer.h"

// Where the executable lies, by the linker.
extern "C" __attribute__((visibility("hidden"))) char __executable_start[];
extern "C" __attribute__((visibility("hidden"))) char _end[];

namespace v8 {
namespace internal {

static_assert(!COMPRESS_POINTERS_BOOL && !V8_ENABLE_SANDBOX_BOOL,
              "slots are whole addresses");
static_assert(SmiValuesAre32Bits(),
              "what looks like a Smi and has low bits is a pointer");
static_assert(sizeof(Tagged_t) == 8 && kTaggedSize == 8);

namespace {

// Addresses in an image: windows of 128 KB, as many as a page of the heap has objects twice over. The first is not used, then come two
// for each page of read-only space, then the chunks.
constexpr int kWindowBits = 17;
constexpr Address kWindowSize = Address{1} << kWindowBits;
constexpr size_t kReadOnlyWindows = kRegularPageSize / kWindowSize;

constexpr uint64_t kMagic = 0x31656761'6d697061;  // "apimage1"

// In the order in which they stand in the image, each of 8 bytes or a multiple.
struct Header {
  uint64_t magic;
  uint64_t size;
  uint64_t executable_size;
  uint64_t snapshot;
  uint32_t context_index;
  uint32_t next_sfi_id;
  uint32_t read_only_pages;
  uint32_t chunks;
  uint32_t roots;
  uint32_t startup_cache;
  uint32_t shared_cache;
  uint32_t strings;
  uint32_t dispatch_entries;
  uint32_t dispatch_slots;
  uint32_t executable_slots;
  uint32_t stores;
  uint32_t posts;
  uint32_t attached;
  uint32_t rehash;
  uint32_t kept;  // Address of the array of the context and of the objects that refer to its global proxy, in words.
};
static_assert(sizeof(Header) % 8 == 0);

// Followed by a bit for each of its words, which says whether it is a pointer; by the pointers, of 32 bits; by the other words.
struct Chunk {
  uint32_t words;
  uint32_t trusted;
  uint32_t pointers;
  uint32_t padding;
};
struct DispatchEntry {
  uint32_t code;  // In words, as all addresses of 32 bits here.
  uint32_t parameters;
};
struct DispatchSlot {
  uint32_t slot;
  uint32_t entry;
};
struct ExecutableSlot {
  uint64_t slot;
  uint64_t distance;
};
// Followed by its bytes, filled up to a multiple of 8.
struct Store {
  uint64_t length;
  uint64_t max_length;  // ~0: it cannot grow.
};
// What an object needs after its slots have their values.
enum class PostKind : uint32_t {
  kExternalString,  // `argument`: index of the external reference.
  kArrayBuffer,     // `argument`: index of the store, from 1; 0: it is empty.
  kView,
  kDate,
  kCode,
  kNativeContext,
};
struct Post {
  uint32_t object;
  PostKind kind;
  uint64_t argument;
};
// A slot of the `host`th kept object that holds the global proxy or its map.
struct Attached {
  uint32_t host;
  uint32_t offset;
  uint32_t is_map;
  uint32_t is_weak;
};

constexpr base::EnumSet<SkipRoot> kStrongRoots{
    SkipRoot::kUnserializable, SkipRoot::kWeak, SkipRoot::kTracedHandles};
constexpr base::EnumSet<SkipRoot> kWeakRoots{SkipRoot::kUnserializable};

void IterateRoots(Isolate* isolate, RootVisitor* visitor) {
  isolate->heap()->IterateSmiRoots(visitor);
  isolate->heap()->IterateRoots(visitor, kStrongRoots);
  isolate->heap()->IterateWeakRoots(visitor, kWeakRoots);
}

// What tells snapshots apart: the two checksums that stand in one after the number of contexts and whether it can be rehashed.
uint64_t ChecksumsOf(const v8::StartupData* snapshot) {
  uint64_t checksums;
  CHECK_GE(snapshot->raw_size, 16);
  std::memcpy(&checksums, snapshot->data + 8, sizeof checksums);
  return checksums;
}

uint64_t ExecutableSize() {
  return static_cast<uint64_t>(_end - __executable_start);
}

thread_local const uint8_t* offered = nullptr;
thread_local size_t offered_size = 0;
thread_local bool requested = false;
thread_local std::vector<uint64_t>* made = nullptr;
thread_local std::string* refused = nullptr;

class Maker final : public ObjectVisitor {
 public:
  Maker(Isolate* isolate, DirectHandle<JSGlobalProxy> proxy)
      : isolate_(isolate),
        proxy_(*proxy),
        proxy_map_(proxy->map()),
        next_window_(1 + isolate->heap()->read_only_space()->pages().size() *
                             kReadOnlyWindows) {}

  // The objects that refer to the global proxy, known after a run.
  const std::vector<Tagged<HeapObject>>& hosts() const { return hosts_; }
  const std::string& why() const { return why_; }

  void Run(Tagged<Context> context, Tagged<FixedArray> kept) {
    context_ = context;
    CollectRoots();
    CollectStrings();
    AddressOf(context);
    while (done_ < objects_.size()) Fill(done_++);
    if (kept.is_null()) return;
    // Last, so that all else has the place that it had in the run before.
    kept_ = AddressOf(kept);
    while (done_ < objects_.size()) Fill(done_++);
  }

  std::vector<uint64_t> Finish(size_t context_index) {
    Header header{};
    header.magic = kMagic;
    header.executable_size = ExecutableSize();
    header.snapshot = ChecksumsOf(isolate_->snapshot_blob());
    header.context_index = static_cast<uint32_t>(context_index);
    header.next_sfi_id = isolate_->GetAndIncNextUniqueSfiId();
    header.read_only_pages = static_cast<uint32_t>(
        isolate_->heap()->read_only_space()->pages().size());
    header.chunks = static_cast<uint32_t>(chunks_.size());
    header.roots = static_cast<uint32_t>(roots_.size());
    header.startup_cache = static_cast<uint32_t>(startup_cache_.size());
    header.shared_cache = static_cast<uint32_t>(shared_cache_.size());
    header.strings = static_cast<uint32_t>(strings_.size());
    header.dispatch_entries = static_cast<uint32_t>(dispatch_.size());
    header.dispatch_slots = static_cast<uint32_t>(dispatch_slots_.size());
    header.executable_slots = static_cast<uint32_t>(executable_slots_.size());
    header.stores = static_cast<uint32_t>(stores_.size());
    header.posts = static_cast<uint32_t>(posts_.size());
    header.attached = static_cast<uint32_t>(attached_.size());
    header.rehash = static_cast<uint32_t>(rehash_.size());
    header.kept = static_cast<uint32_t>(kept_ >> 3);
    std::stable_sort(
        posts_.begin(), posts_.end(),
        [](const Post& a, const Post& b) { return a.kind < b.kind; });

    Put(&header, sizeof header);
    for (const ChunkInMaking& chunk : chunks_) {
      std::vector<uint32_t> pointers;
      std::vector<uint64_t> others;
      for (size_t i = 0; i < chunk.words.size(); ++i) {
        const uint64_t word = chunk.words[i];
        if (chunk.pointers[i / 64] >> (i % 64) & 1) {
          pointers.push_back(static_cast<uint32_t>(word));
          if (word >> 32) Refuse("too many objects");
        } else {
          others.push_back(word);
        }
      }
      const Chunk head{static_cast<uint32_t>(chunk.words.size()), chunk.trusted,
                       static_cast<uint32_t>(pointers.size()), 0};
      pointers.push_back(0);  // Read beside the last of the others.
      Put(&head, sizeof head);
      Put(chunk.pointers);
      Put(pointers);
      Put(others);
    }
    Put(roots_);
    Put(startup_cache_);
    Put(shared_cache_);
    Put(strings_);
    Put(executable_slots_);
    for (const auto& [head, bytes] : stores_) {
      Put(&head, sizeof head);
      Put(bytes.data(), bytes.size());
    }
    Put(posts_);
    Put(dispatch_);
    Put(dispatch_slots_);
    Put(rehash_);
    Put(attached_);
    out_[1] = out_.size() * 8;
    return std::move(out_);
  }

  void VisitPointers(Tagged<HeapObject> host, ObjectSlot start,
                     ObjectSlot end) override {
    VisitPointers(host, MaybeObjectSlot(start), MaybeObjectSlot(end));
  }
  void VisitPointers(Tagged<HeapObject> host, MaybeObjectSlot start,
                     MaybeObjectSlot end) override {
    for (MaybeObjectSlot slot = start; slot < end; ++slot) {
      Word(slot.address(), (*slot).ptr());
    }
  }
  void VisitInstructionStreamPointer(Tagged<Code> host,
                                     InstructionStreamSlot slot) override {
    if (host->has_instruction_stream()) Refuse("machine code");
  }
  void VisitProtectedPointer(Tagged<TrustedObject> host,
                             ProtectedPointerSlot slot) override {
    Word(slot.address(), slot.load(isolate_).ptr());
  }
  void VisitProtectedPointer(Tagged<TrustedObject> host,
                             ProtectedMaybeObjectSlot slot) override {
    Word(slot.address(), slot.load().ptr());
  }
  void VisitJSDispatchTableEntry(Tagged<HeapObject> host,
                                 JSDispatchHandle handle) override {
    if (handle == kNullJSDispatchHandle) return;
    // The visitor is not told where the handle stands.
    size_t offset;
    const InstanceType type = host->map()->instance_type();
    if (InstanceTypeChecker::IsJSFunction(type)) {
      offset = offsetof(JSFunction, dispatch_handle_);
    } else if (InstanceTypeChecker::IsFeedbackCell(type)) {
      offset = offsetof(FeedbackCell, dispatch_handle_);
    } else {
      return Refuse("a dispatch handle", type);
    }
    auto [it, is_new] = dispatch_ids_.try_emplace(
        handle.value(), static_cast<uint32_t>(dispatch_.size()));
    if (is_new) {
      JSDispatchTable& table = isolate_->js_dispatch_table();
      const uint32_t id = it->second;
      dispatch_.push_back({0, table.GetParameterCount(handle)});
      dispatch_[id].code = Word32(AddressOf(table.GetCode(handle)));
    }
    dispatch_slots_.push_back(
        {Word32(address_ + offset), it->second});
    At(offset) = 0;
  }
  void VisitExternalPointer(Tagged<HeapObject> host,
                            ExternalPointerSlot slot) override {
    const InstanceType type = host->map()->instance_type();
    const size_t offset = slot.address() - host.address();
    if (InstanceTypeChecker::IsJSArrayBuffer(type) ||
        InstanceTypeChecker::IsJSArrayBufferView(type) ||
        InstanceTypeChecker::IsExternalString(type)) {
      return;  // As `Fill` does.
    }
    const Address value = At(offset);
    if (InstanceTypeChecker::IsNativeContext(type)) {
      At(offset) = 0;
    } else if (value != kNullAddress) {
      Executable(offset, value, type);
    }
  }
  void VisitCppHeapPointer(Tagged<HeapObject> host,
                           CppHeapPointerSlot slot) override {
    uint64_t& word = At(slot.address() - host.address());
    if (word != 0 && !IsNativeContext(host)) Refuse("an object of C++");
    word = 0;
  }
  void VisitMapPointer(Tagged<HeapObject> host) override {}

 private:
  struct ChunkInMaking {
    uint32_t trusted;
    std::vector<uint64_t> words;
    std::vector<uint64_t> pointers;
  };
  struct Place {
    Address source;
    Address address;  // In the image.
    uint32_t chunk;
    uint32_t word;
    uint32_t words;
  };

  void Refuse(const char* what, InstanceType type = InstanceType(0)) {
    if (!why_.empty()) return;
    why_ = std::string(what) + " (" + std::to_string(type) + ")";
  }

  static uint32_t Word32(Address address) {
    CHECK_LT(address >> 3, uint64_t{1} << 32);
    return static_cast<uint32_t>(address >> 3);
  }

  // A value as it stands in the image. Pointers keep their tag.
  uint64_t Value(Tagged<Object> object) {
    if (IsSmi(object)) return object.ptr();
    Tagged<HeapObject> heap_object = Cast<HeapObject>(object);
    if (heap_object == proxy_ || heap_object == proxy_map_) {
      Refuse("the global proxy as a root");
      return 0;
    }
    return AddressOf(heap_object) | kHeapObjectTag;
  }

  Address AddressOf(Tagged<HeapObject> object) {
    if (ReadOnlyHeap::Contains(object)) {
      const auto& pages = isolate_->heap()->read_only_space()->pages();
      const BasePage* page = BasePage::FromAddress(isolate_, object.address());
      size_t i = 0;
      while (i < pages.size() && pages[i] != page) ++i;
      CHECK_LT(i, pages.size());
      return (1 + i * kReadOnlyWindows) * kWindowSize +
             page->Offset(object.address());
    }
    auto [it, is_new] = addresses_.try_emplace(object.address(), 0);
    if (!is_new) return it->second;
    Tagged<Map> map = object->map();
    const InstanceType type = map->instance_type();
    const size_t size = object->SizeFromMap(map);
    CHECK(IsAligned(size, kTaggedSize));
    uint32_t trusted = 0;
    switch (MutablePage::FromHeapObject(isolate_, object)->owner_identity()) {
      case OLD_SPACE:
      case NEW_SPACE:
      case NEW_LO_SPACE:
      case LO_SPACE:
        break;
      case TRUSTED_SPACE:
      case TRUSTED_LO_SPACE:
        trusted = 1;
        break;
      default:
        Refuse("an object of another space", type);
    }
    const uint32_t words = static_cast<uint32_t>(size / kTaggedSize);
    const uint32_t limit =
        MemoryChunkLayout::AllocatableMemoryInDataPage() / 2 / kTaggedSize;
    static_assert(MemoryChunkLayout::AllocatableMemoryInDataPage() / 2 <=
                  kWindowSize);
    const bool is_large = size > static_cast<size_t>(kMaxRegularHeapObjectSize);
    int& open = open_[trusted];
    if (is_large || open < 0 ||
        chunks_[open].words.size() + words > limit) {
      ChunkInMaking chunk{trusted, {}, {}};
      if (!is_large) {
        chunk.words.reserve(limit);
        open = static_cast<int>(chunks_.size());
      }
      windows_.push_back(next_window_);
      next_window_ +=
          is_large ? (size + kWindowSize - 1) >> kWindowBits : size_t{1};
      chunks_.push_back(std::move(chunk));
    }
    const uint32_t index =
        is_large ? static_cast<uint32_t>(chunks_.size() - 1) : open;
    ChunkInMaking& chunk = chunks_[index];
    const uint32_t word = static_cast<uint32_t>(chunk.words.size());
    const Address address =
        windows_[index] * kWindowSize + word * kTaggedSize;
    chunk.words.resize(word + words);
    chunk.pointers.resize((chunk.words.size() + 63) / 64);
    // `it` is valid still: nothing was inserted since.
    it->second = address;
    objects_.push_back({object.address(), address, index, word, words});
    return address;
  }

  uint64_t& At(size_t offset) {
    const Place& place = objects_[current_];
    return chunks_[place.chunk].words[place.word + offset / kTaggedSize];
  }

  // The slot at `slot` of the object at hand holds `value`.
  void Word(Address slot, Address value) {
    const size_t offset = slot - objects_[current_].source;
    if (!HAS_STRONG_HEAP_OBJECT_TAG(value) && !HAS_WEAK_HEAP_OBJECT_TAG(value)) {
      // A Smi. What is an aligned address and not one is an embedder's.
      if (static_cast<uint32_t>(value) != 0) Refuse("a pointer of the embedder");
      return;
    }
    if (static_cast<uint32_t>(value) == kClearedWeakHeapObjectLower32) {
      At(offset) = kClearedWeakHeapObjectLower32;
      return;
    }
    const Address tag = value & kHeapObjectTagMask;
    Tagged<HeapObject> target = HeapObject::FromAddress(value - tag);
    if (target == proxy_ || target == proxy_map_) {
      Tagged<HeapObject> host =
          HeapObject::FromAddress(objects_[current_].source);
      if (hosts_.empty() || hosts_.back() != host) hosts_.push_back(host);
      attached_.push_back({static_cast<uint32_t>(hosts_.size()),
                           static_cast<uint32_t>(offset),
                           target == proxy_map_, tag != kHeapObjectTag});
      Pointer(offset, AddressOf(ReadOnlyRoots(isolate_).undefined_value()) |
                          kHeapObjectTag);
      return;
    }
    Pointer(offset, AddressOf(target) | tag);
  }

  void Pointer(size_t offset, uint64_t value) {
    At(offset) = value;
    const Place& place = objects_[current_];
    const size_t word = place.word + offset / kTaggedSize;
    chunks_[place.chunk].pointers[word / 64] |= uint64_t{1} << (word % 64);
  }

  void Executable(size_t offset, Address value, InstanceType type) {
    const Address start = reinterpret_cast<Address>(__executable_start);
    if (value < start || value - start >= ExecutableSize()) {
      return Refuse("a pointer to memory", type);
    }
    At(offset) = 0;
    executable_slots_.push_back({address_ + offset, value - start});
  }

  void Fill(size_t index) {
    current_ = index;
    const Place place = objects_[index];
    address_ = place.address;
    Tagged<HeapObject> object = HeapObject::FromAddress(place.source);
    Tagged<Map> map = object->map();
    const InstanceType type = map->instance_type();
    std::memcpy(&chunks_[place.chunk].words[place.word],
                reinterpret_cast<void*>(place.source),
                place.words * kTaggedSize);
    // What is not as it was in the snapshot, or differs from process to process.
    if (InstanceTypeChecker::IsSharedFunctionInfo(type)) {
      uint16_t age = 0;
      std::memcpy(reinterpret_cast<uint8_t*>(&At(0)) +
                      offsetof(SharedFunctionInfo, age_),
                  &age, sizeof age);
    } else if (InstanceTypeChecker::IsJSArrayBuffer(type)) {
      FillArrayBuffer(Cast<JSArrayBuffer>(object));
    } else if (InstanceTypeChecker::IsJSTypedArray(type)) {
      if (!Cast<JSTypedArray>(object)->is_on_heap()) {
        At(offsetof(JSTypedArray, external_pointer_)) = 0;
        AddPost(PostKind::kView);
      }
    } else if (InstanceTypeChecker::IsJSDataView(type) ||
               InstanceTypeChecker::IsJSRabGsabDataView(type)) {
      At(offsetof(JSDataViewOrRabGsabDataView, data_pointer_)) = 0;
      AddPost(PostKind::kView);
    } else if (InstanceTypeChecker::IsExternalString(type)) {
      FillExternalString(Cast<ExternalString>(object), place.words);
    } else if (InstanceTypeChecker::IsCode(type)) {
      At(Code::kInstructionStartOffset) = 0;
      AddPost(PostKind::kCode);
    } else if (InstanceTypeChecker::IsJSDate(type)) {
      AddPost(PostKind::kDate);
    } else if (InstanceTypeChecker::IsNativeContext(type)) {
      if (object != context_) return Refuse("a second context");
      AddPost(PostKind::kNativeContext);
    } else if (InstanceTypeChecker::IsJSSynchronizationPrimitive(type) ||
               InstanceTypeChecker::IsInstructionStream(type) ||
               InstanceTypeChecker::IsFreeSpaceOrFiller(type)) {
      return Refuse("an object of a kind that no image holds", type);
    }
    if (InstanceTypeChecker::IsString(type)) {
      // By the seed of the process that loads it.
      const uint32_t hash = String::kEmptyHashField;
      std::memcpy(reinterpret_cast<uint8_t*>(&At(0)) +
                      offsetof(Name, raw_hash_field_),
                  &hash, sizeof hash);
    } else if (object->NeedsRehashing(type)) {
      if (!object->CanBeRehashed()) Refuse("a table of hashes", type);
      rehash_.push_back(Word32(address_));
    }
    Pointer(0, AddressOf(map) | kHeapObjectTag);
    VisitObjectBody(isolate_, map, object, this);
    if (InstanceTypeChecker::IsNativeContext(type)) {
      // Head of the isolate's list, into which loading puts it.
      Pointer(Context::OffsetOfElementAt(Context::NEXT_CONTEXT_LINK),
              AddressOf(ReadOnlyRoots(isolate_).undefined_value()) |
                  kHeapObjectTag);
    }
  }

  void AddPost(PostKind kind, uint64_t argument = 0) {
    posts_.push_back({Word32(address_), kind, argument});
  }

  void FillArrayBuffer(Tagged<JSArrayBuffer> buffer) {
    uint64_t store = 0;
    if (buffer->is_shared()) Refuse("shared memory");
    if (!buffer->IsEmpty()) {
      Store head{buffer->GetByteLength(), ~uint64_t{0}};
      if (buffer->is_resizable_by_js()) head.max_length = buffer->max_byte_length();
      std::vector<uint8_t> bytes(RoundUp(head.length, 8));
      std::memcpy(bytes.data(), buffer->backing_store(), head.length);
      stores_.push_back({head, std::move(bytes)});
      store = stores_.size();
    }
    At(offsetof(JSArrayBuffer, backing_store_)) = 0;
    At(offsetof(JSArrayBuffer, extension_)) = 0;
    AddPost(PostKind::kArrayBuffer, store);
  }

  void FillExternalString(Tagged<ExternalString> string, uint32_t words) {
    const Address resource = string->resource_as_address(isolate_);
    const intptr_t* references = isolate_->api_external_references();
    for (uint64_t i = 0; references && references[i]; ++i) {
      if (static_cast<Address>(references[i]) != resource) continue;
      // The resource and, if there is room, its data.
      for (size_t at = offsetof(ExternalString, resource_);
           at < words * kTaggedSize; at += kTaggedSize) {
        At(at) = 0;
      }
      return AddPost(PostKind::kExternalString, i);
    }
    Refuse("a string outside the heap");
  }

  void CollectRoots() {
    class Visitor final : public RootVisitor {
     public:
      explicit Visitor(Maker* maker) : maker_(maker) {}
      void VisitRootPointers(Root, const char*, FullObjectSlot start,
                             FullObjectSlot end) override {
        for (FullObjectSlot slot = start; slot < end; ++slot) {
          maker_->roots_.push_back(maker_->Value(*slot));
        }
      }

     private:
      Maker* const maker_;
    } visitor(this);
    IterateRoots(isolate_, &visitor);
    for (Tagged<Object> object : *isolate_->startup_object_cache()) {
      startup_cache_.push_back(Value(object));
    }
    for (Tagged<Object> object : *isolate_->shared_heap_object_cache()) {
      shared_cache_.push_back(Value(object));
    }
  }

  void CollectStrings() {
    class Visitor final : public RootVisitor {
     public:
      explicit Visitor(Maker* maker) : maker_(maker) {}
      void VisitRootPointers(Root, const char*, FullObjectSlot,
                             FullObjectSlot) override {
        UNREACHABLE();
      }
      void VisitCompressedRootPointers(Root, const char*,
                                       OffHeapObjectSlot start,
                                       OffHeapObjectSlot end) override {
        for (OffHeapObjectSlot slot = start; slot < end; ++slot) {
          Tagged<Object> object = slot.load(maker_->isolate_);
          if (!IsHeapObject(object)) continue;
          maker_->strings_.push_back(
              Word32(maker_->AddressOf(Cast<HeapObject>(object))));
        }
      }

     private:
      Maker* const maker_;
    } visitor(this);
    isolate_->string_table()->IterateElements(&visitor);
  }

  void Put(const void* bytes, size_t size) {
    const size_t at = out_.size();
    out_.resize(at + (size + 7) / 8);
    if (size) std::memcpy(&out_[at], bytes, size);
  }
  template <typename T>
  void Put(const std::vector<T>& items) {
    Put(items.data(), items.size() * sizeof(T));
  }

  Isolate* const isolate_;
  const Tagged<HeapObject> proxy_;
  const Tagged<HeapObject> proxy_map_;
  Tagged<Context> context_;
  size_t next_window_;
  std::string why_;
  std::unordered_map<Address, Address> addresses_;
  std::vector<Place> objects_;
  size_t done_ = 0;
  size_t current_ = 0;
  Address address_ = 0;
  Address kept_ = 0;
  std::vector<ChunkInMaking> chunks_;
  std::vector<size_t> windows_;
  int open_[2] = {-1, -1};
  std::vector<uint64_t> roots_;
  std::vector<uint64_t> startup_cache_;
  std::vector<uint64_t> shared_cache_;
  std::vector<uint32_t> strings_;
  std::unordered_map<uint32_t, uint32_t> dispatch_ids_;
  std::vector<DispatchEntry> dispatch_;
  std::vector<DispatchSlot> dispatch_slots_;
  std::vector<ExecutableSlot> executable_slots_;
  std::vector<std::pair<Store, std::vector<uint8_t>>> stores_;
  std::vector<Post> posts_;
  std::vector<uint32_t> rehash_;
  std::vector<Attached> attached_;
  std::vector<Tagged<HeapObject>> hosts_;
  std::vector<uint64_t> out_;
};

// What an isolate's image brought and nobody has taken yet.
struct Waiting {
  Address* kept;  // A strong global handle.
  size_t context_index;
  std::vector<Attached> attached;
};
base::LazyMutex waiting_mutex = LAZY_MUTEX_INITIALIZER;
std::unordered_map<Isolate*, Waiting>& AllWaiting() {
  static auto* const all = new std::unordered_map<Isolate*, Waiting>();
  return *all;
}

// Reads an image from its start to its end.
class Cursor {
 public:
  explicit Cursor(const uint8_t* at) : at_(at) {}
  template <typename T>
  const T* Take(size_t count) {
    const T* result = reinterpret_cast<const T*>(at_);
    at_ += RoundUp(count * sizeof(T), 8);
    return result;
  }

 private:
  const uint8_t* at_;
};

class Loader final {
 public:
  Loader(Isolate* isolate, const uint8_t* image)
      : isolate_(isolate),
        cursor_(image),
        header_(*cursor_.Take<Header>(1)) {}

  static bool Fits(Isolate* isolate, const uint8_t* image, size_t size) {
    if (size < sizeof(Header) || reinterpret_cast<Address>(image) % 8 != 0) {
      return false;
    }
    const Header& header = *reinterpret_cast<const Header*>(image);
    return header.magic == kMagic && header.size == size &&
           header.executable_size == ExecutableSize() &&
           header.snapshot == ChecksumsOf(isolate->snapshot_blob()) &&
           header.read_only_pages ==
               isolate->heap()->read_only_space()->pages().size();
  }

  void Load() {
    HandleScope scope(isolate_);
    Heap* const heap = isolate_->heap();
    LoadChunks();
    LoadRoots();
    heap->set_native_contexts_list(ReadOnlyRoots(isolate_).undefined_value());
    if (heap->allocation_sites_list() == Smi::zero()) {
      heap->set_allocation_sites_list(
          ReadOnlyRoots(isolate_).undefined_value());
    }
    heap->set_dirty_js_finalization_registries_list(
        ReadOnlyRoots(isolate_).undefined_value());
    heap->set_dirty_js_finalization_registries_list_tail(
        ReadOnlyRoots(isolate_).undefined_value());
    LoadStrings();
    const Address start = reinterpret_cast<Address>(__executable_start);
    const auto* slots = cursor_.Take<ExecutableSlot>(header_.executable_slots);
    for (uint32_t i = 0; i < header_.executable_slots; ++i) {
      *reinterpret_cast<Address*>(Move(slots[i].slot)) =
          start + slots[i].distance;
    }
    LoadPosts();
    LoadDispatchTable();  // What code its entries lead to is known now.
    isolate_->next_unique_sfi_id_.store(header_.next_sfi_id,
                                        std::memory_order_relaxed);
    isolate_->builtins()->MarkInitialized();
    const uint32_t* rehash = cursor_.Take<uint32_t>(header_.rehash);
    if (v8_flags.rehash_snapshot) {
      for (uint32_t i = 0; i < header_.rehash; ++i) {
        ObjectAt(rehash[i])->RehashBasedOnMap(isolate_);
      }
    }
    const Attached* attached = cursor_.Take<Attached>(header_.attached);
    Tagged<Object> kept = HeapObject::FromAddress(Move32(header_.kept));
    base::MutexGuard guard(waiting_mutex.Pointer());
    AllWaiting()[isolate_] = Waiting{
        isolate_->global_handles()->Create(kept).location(),
        header_.context_index,
        std::vector<Attached>(attached, attached + header_.attached)};
  }

 private:
  Address Move(Address address) const {
    return address + distances_[address >> kWindowBits];
  }
  Address Move32(uint32_t words) const { return Move(Address{words} << 3); }
  Tagged<HeapObject> ObjectAt(uint32_t words) const {
    return HeapObject::FromAddress(Move32(words));
  }
  Address MoveValue(uint64_t value) const {
    return HAS_STRONG_HEAP_OBJECT_TAG(value) ? Move(value) : value;
  }

  void LoadChunks() {
    Heap* const heap = isolate_->heap();
    distances_.push_back(0);
    for (ReadOnlyPage* page : heap->read_only_space()->pages()) {
      const Address base = page->OffsetToAddress(0);
      const Address image = distances_.size() << kWindowBits;
      distances_.insert(distances_.end(), kReadOnlyWindows, base - image);
    }
    struct Reserved {
      const Chunk* chunk;
      uint64_t* words;
    };
    std::vector<Reserved> reserved;
    reserved.reserve(header_.chunks);
    Cursor ahead = cursor_;
    for (uint32_t i = 0; i < header_.chunks; ++i) {
      const Chunk& chunk = *ahead.Take<Chunk>(1);
      ahead.Take<uint64_t>((chunk.words + 63) / 64);
      ahead.Take<uint32_t>(chunk.pointers + 1);
      ahead.Take<uint64_t>(chunk.words - chunk.pointers);
      const size_t size = size_t{chunk.words} * kTaggedSize;
      const Address base = heap->AllocateRawOrFail(
          static_cast<int>(size),
          chunk.trusted ? AllocationType::kTrusted : AllocationType::kOld,
          AllocationOrigin::kRuntime, kTaggedAligned);
      const Address image = distances_.size() << kWindowBits;
      distances_.insert(distances_.end(),
                        (size + kWindowSize - 1) >> kWindowBits, base - image);
      reserved.push_back({&chunk, reinterpret_cast<uint64_t*>(base)});
    }
    const Address* const distances = distances_.data();
    for (const auto& [chunk, words] : reserved) {
      cursor_.Take<Chunk>(1);
      const uint64_t* bits = cursor_.Take<uint64_t>((chunk->words + 63) / 64);
      const uint32_t* pointers = cursor_.Take<uint32_t>(chunk->pointers + 1);
      const uint64_t* others =
          cursor_.Take<uint64_t>(chunk->words - chunk->pointers);
      uint64_t* word = words;
      for (uint32_t left = chunk->words; left > 0;) {
        const uint32_t count = std::min(left, 64u);
        const uint64_t group = *bits++;
        left -= count;
        if (group == 0) {
          std::memcpy(word, others, count * sizeof *word);
          word += count;
          others += count;
        } else if (group == ~uint64_t{0}) {
          for (uint32_t i = 0; i < 64; ++i) {
            const uint64_t value = pointers[i];
            word[i] = value + distances[value >> kWindowBits];
          }
          word += 64;
          pointers += 64;
        } else {
          // Both are read for each word, one too many at the end, where the image goes on: a processor does not foresee which it is.
          for (uint32_t i = 0; i < count; ++i) {
            const uint64_t is_pointer = (group >> i) & 1;
            const uint64_t value = *pointers;
            const uint64_t other = *others;
            const uint64_t moved = value + distances[value >> kWindowBits];
            *word++ = is_pointer ? moved : other;
            pointers += is_pointer;
            others += is_pointer ^ 1;
          }
        }
      }
    }
  }

  void LoadRoots() {
    class Visitor final : public RootVisitor {
     public:
      Visitor(const Loader& loader, const uint64_t* roots)
          : loader_(loader), roots_(roots) {}
      void VisitRootPointers(Root, const char*, FullObjectSlot start,
                             FullObjectSlot end) override {
        CHECK_LE(end - start, loader_.header_.roots - done_);
        for (FullObjectSlot slot = start; slot < end; ++slot) {
          slot.store(Tagged<Object>(loader_.MoveValue(roots_[done_++])));
        }
      }
      size_t done_ = 0;

     private:
      const Loader& loader_;
      const uint64_t* const roots_;
    } visitor(*this, cursor_.Take<uint64_t>(header_.roots));
    IterateRoots(isolate_, &visitor);
    CHECK_EQ(visitor.done_, header_.roots);
    auto fill = [&](std::vector<Tagged<Object>>* cache, uint32_t count) {
      const uint64_t* values = cursor_.Take<uint64_t>(count);
      cache->reserve(count);
      for (uint32_t i = 0; i < count; ++i) {
        cache->push_back(Tagged<Object>(MoveValue(values[i])));
      }
    };
    fill(isolate_->startup_object_cache(), header_.startup_cache);
    fill(isolate_->shared_heap_object_cache(), header_.shared_cache);
  }

  void LoadStrings() {
    const uint32_t* values = cursor_.Take<uint32_t>(header_.strings);
    DirectHandleVector<InternalizedString> strings(isolate_);
    strings.reserve(header_.strings);
    for (uint32_t i = 0; i < header_.strings; ++i) {
      strings.emplace_back(Cast<InternalizedString>(ObjectAt(values[i])),
                           isolate_);
    }
    isolate_->string_table()->InsertForIsolateDeserialization(
        isolate_, base::VectorOf(strings.data(), strings.size()));
  }

  void LoadDispatchTable() {
    const auto* entries = cursor_.Take<DispatchEntry>(header_.dispatch_entries);
    const auto* slots = cursor_.Take<DispatchSlot>(header_.dispatch_slots);
    JSDispatchTable& table = isolate_->js_dispatch_table();
    JSDispatchTable::Space* const space =
        isolate_->heap()->js_dispatch_table_space();
    std::vector<JSDispatchHandle> handles;
    handles.reserve(header_.dispatch_entries);
    for (uint32_t i = 0; i < header_.dispatch_entries; ++i) {
      handles.push_back(table.AllocateAndInitializeEntry(
          space, static_cast<uint16_t>(entries[i].parameters),
          TrustedCast<Code>(ObjectAt(entries[i].code))));
    }
    for (uint32_t i = 0; i < header_.dispatch_slots; ++i) {
      *reinterpret_cast<JSDispatchHandle::underlying_type*>(
          Move32(slots[i].slot)) = handles[slots[i].entry].value();
    }
  }

  // As `Deserializer::PostProcessNewObject`.
  void LoadPosts() {
    std::vector<std::shared_ptr<BackingStore>> stores{nullptr};
    for (uint32_t i = 0; i < header_.stores; ++i) {
      const Store& head = *cursor_.Take<Store>(1);
      const uint8_t* bytes = cursor_.Take<uint8_t>(head.length);
      std::unique_ptr<BackingStore> store;
      if (head.max_length == ~uint64_t{0}) {
        store = BackingStore::Allocate(isolate_, head.length, SharedFlag{false},
                                       InitializedFlag{false});
      } else {
        size_t page_size, initial_pages, max_pages;
        CHECK(JSArrayBuffer::GetResizableBackingStorePageConfiguration(
                  nullptr, head.length, head.max_length, kDontThrow, &page_size,
                  &initial_pages, &max_pages)
                  .FromJust());
        store = BackingStore::TryAllocateAndPartiallyCommitMemory(
            isolate_, head.length, head.max_length, page_size, initial_pages,
            max_pages, WasmMemoryFlag::kNotWasm, SharedFlag{false});
      }
      CHECK_NOT_NULL(store);
      std::memcpy(store->buffer_start(), bytes, head.length);
      stores.push_back(std::move(store));
    }
    const Post* posts = cursor_.Take<Post>(header_.posts);
    for (uint32_t i = 0; i < header_.posts; ++i) {
      Tagged<HeapObject> object = ObjectAt(posts[i].object);
      switch (posts[i].kind) {
        case PostKind::kExternalString: {
          Tagged<ExternalString> string = Cast<ExternalString>(object);
          string->InitExternalPointerFields(isolate_);
          string->set_address_as_resource(
              isolate_, static_cast<Address>(
                            isolate_->api_external_references()
                                [posts[i].argument]));
          isolate_->heap()->UpdateExternalString(string, 0,
                                                 string->ExternalPayloadSize());
          isolate_->heap()->RegisterExternalString(string);
          break;
        }
        case PostKind::kArrayBuffer: {
          Tagged<JSArrayBuffer> buffer = Cast<JSArrayBuffer>(object);
          buffer->init_extension();
          const auto& store = stores[posts[i].argument];
          if (!store) {
            buffer->set_backing_store(isolate_, EmptyBackingStoreBuffer());
          } else {
            buffer->Setup(SharedFlag{false}, store->is_resizable_by_js(), store,
                          isolate_, buffer->views());
          }
          break;
        }
        case PostKind::kView:
          SetUpView(object);
          break;
        case PostKind::kDate:
          Cast<JSDate>(object)->UpdateFieldsAfterDeserialization(isolate_);
          break;
        case PostKind::kCode: {
          Tagged<Code> code = TrustedCast<Code>(object);
          code->SetInstructionStartForOffHeapBuiltin(
              isolate_, EmbeddedData::FromBlob(isolate_).InstructionStartOf(
                            code->builtin_id()));
          break;
        }
        case PostKind::kNativeContext: {
          Tagged<NativeContext> context = Cast<NativeContext>(object);
          context->init_microtask_queue(isolate_, nullptr);
          isolate_->heap()->AddToWeakNativeContextList(context);
          break;
        }
      }
    }
  }

  void SetUpView(Tagged<HeapObject> object) {
    Tagged<JSArrayBufferView> view = Cast<JSArrayBufferView>(object);
    Tagged<JSArrayBuffer> buffer = Cast<JSArrayBuffer>(view->buffer());
    const bool is_empty = buffer->was_detached() || !buffer->backing_store();
    if (IsJSTypedArray(object)) {
      Tagged<JSTypedArray> array = Cast<JSTypedArray>(object);
      if (is_empty || array->IsDetachedOrOutOfBounds()) {
        array->SetOffHeapDataPtr(isolate_, EmptyBackingStoreBuffer(), 0);
      } else {
        array->SetOffHeapDataPtr(isolate_, buffer->backing_store(),
                                 array->byte_offset());
      }
    } else {
      Cast<JSDataViewOrRabGsabDataView>(object)->set_data_pointer(
          isolate_, buffer->was_detached()
                        ? EmptyBackingStoreBuffer()
                        : static_cast<uint8_t*>(buffer->backing_store()) +
                              view->byte_offset());
    }
  }

  Isolate* const isolate_;
  Cursor cursor_;
  const Header& header_;
  std::vector<Address> distances_;  // By window.
};

}  // namespace

// static
bool HeapImage::Load(Isolate* isolate) {
  {
    base::MutexGuard guard(waiting_mutex.Pointer());
    AllWaiting().erase(isolate);  // Of one that was here before.
  }
  const uint8_t* const image = std::exchange(offered, nullptr);
  if (!image || !Loader::Fits(isolate, image, offered_size)) {
    return false;
  }
  // Strings that isolates share lie elsewhere. Those who want to hear of objects hear of them from the deserializer.
  if (!isolate->OwnsStringTables() || isolate->has_shared_space() ||
      v8_flags.shared_string_table || v8_flags.log_maps ||
      v8_flags.profile_deserialization ||
      isolate->v8_file_logger()->is_listening_to_code_events()) {
    return false;
  }
  Loader(isolate, image).Load();
  return true;
}

// static
MaybeDirectHandle<Context> HeapImage::TakeContext(
    Isolate* isolate, size_t index, DirectHandle<JSGlobalProxy> global_proxy) {
  Waiting waiting;
  {
    base::MutexGuard guard(waiting_mutex.Pointer());
    auto it = AllWaiting().find(isolate);
    if (it == AllWaiting().end() || it->second.context_index != index) {
      return {};
    }
    waiting = std::move(it->second);
    AllWaiting().erase(it);
  }
  DisallowGarbageCollection no_gc;
  Tagged<FixedArray> kept = Cast<FixedArray>(Tagged<Object>(*waiting.kept));
  GlobalHandles::Destroy(waiting.kept);
  for (const Attached& attached : waiting.attached) {
    Tagged<HeapObject> host = Cast<HeapObject>(kept->get(attached.host));
    Tagged<HeapObject> target = *global_proxy;
    if (attached.is_map) target = global_proxy->map();
    const auto type = attached.is_weak ? HeapObjectReferenceType::WEAK
                                       : HeapObjectReferenceType::STRONG;
    Tagged<HeapObjectReference> value(target, type);
    MaybeObjectSlot slot = host->RawMaybeWeakField(attached.offset);
    slot.Relaxed_Store(value);
    WriteBarrier::ForValue(host, slot, Tagged<MaybeObject>(value),
                           UPDATE_WRITE_BARRIER);
  }
  return direct_handle(Cast<Context>(kept->get(0)), isolate);
}

// static
void HeapImage::MaybeMake(Isolate* isolate, DirectHandle<Context> context,
                          size_t index,
                          DirectHandle<JSGlobalProxy> global_proxy) {
  if (!std::exchange(requested, false)) return;
  HandleScope scope(isolate);
  DirectHandleVector<HeapObject> hosts(isolate);
  {
    DisallowGarbageCollection no_gc;
    Maker maker(isolate, global_proxy);
    maker.Run(*context, {});
    for (Tagged<HeapObject> host : maker.hosts()) {
      hosts.emplace_back(host, isolate);
    }
  }
  DirectHandle<FixedArray> kept = isolate->factory()->NewFixedArray(
      static_cast<int>(hosts.size()) + 1, AllocationType::kOld);
  kept->set(0, *context);
  for (size_t i = 0; i < hosts.size(); ++i) {
    kept->set(static_cast<int>(i) + 1, *hosts[i]);
  }
  DisallowGarbageCollection no_gc;
  Maker maker(isolate, global_proxy);
  maker.Run(*context, *kept);
  std::string why = maker.why();
  if (why.empty() && maker.hosts().size() != hosts.size()) why = "its hosts";
  for (size_t i = 0; why.empty() && i < hosts.size(); ++i) {
    // The second run may meet them in another order.
    if (maker.hosts()[i] != *hosts[i]) why = "the order of its hosts";
  }
  if (!why.empty()) {
    refused = new std::string(std::move(why));
    return;
  }
  std::vector<uint64_t> image = maker.Finish(index);
  if (!maker.why().empty()) {
    refused = new std::string(maker.why());
    return;
  }
  made = new std::vector<uint64_t>(std::move(image));
}

}  // namespace internal
}  // namespace v8

extern "C" {

// The next isolate of this thread that comes from a snapshot takes its heap from this image if it can; the bytes stay where they are, at
// a multiple of 8, until the isolate is there.
void pack_heap_image_offer(const uint8_t* image, size_t size) {
  v8::internal::offered = image;
  v8::internal::offered_size = size;
}

// The next context that this thread makes from a snapshot makes an image of its isolate and itself.
void pack_heap_image_request() { v8::internal::requested = true; }

// The image that was asked for, which lives as long as the process; 0 and a reason in `why` if there is none.
size_t pack_heap_image_take(const uint8_t** image, const char** why) {
  using namespace v8::internal;
  if (!made) {
    *why = refused ? refused->c_str() : "no context was made from a snapshot";
    return 0;
  }
  *image = reinterpret_cast<const uint8_t*>(made->data());
  return made->size() * 8;
}

}  // extern "C"
