#include "engine_operations.hh"

#include <span>
#include <utility>

#include "arguments.hh"
#include "arrow_input.hh"
#include "element_types.hh"
#include "environment.hh"
#include "run_job.hh"
#include "slab_buffer.hh"

namespace warpframe {
namespace {

std::shared_ptr<Engine> engine_field(Environment& environment, Napi::Object params) {
  return environment.get<EngineResource>(uint32_field(params, "engine"), "GPU engine")->engine();
}

/** A table that a library made, until JavaScript has its number. */
class NewTable {
 public:
  explicit NewTable(const std::shared_ptr<Engine>& engine) : engine_(engine) {}
  NewTable(const NewTable&) = delete;
  NewTable& operator=(const NewTable&) = delete;
  ~NewTable() {
    if (table_) engine_->thread->post([table = table_, free = engine_->api.release_table] { free(table); });
  }
  wf_table** out() { return &table_; }

  Napi::Object hand_over(Environment& environment) {
    std::int64_t rows = 0;
    std::uint64_t bytes = 0;
    engine_->api.table_info(table_, &rows, &bytes);
    Napi::Object object = Napi::Object::New(environment.env());
    object.Set("rows", static_cast<double>(rows));
    object.Set("bytes", static_cast<double>(bytes));
    object.Set("table", environment.add(std::make_shared<TableResource>(engine_, std::exchange(table_, nullptr),
                                                                        engine_->api.release_table)));
    return object;
  }

 private:
  std::shared_ptr<Engine> engine_;
  wf_table* table_ = nullptr;
};

/** A slab that a library made, until JavaScript has it. */
class NewSlab {
 public:
  explicit NewSlab(const wf_engine_api& api) : api_(api) {}
  NewSlab(const NewSlab&) = delete;
  NewSlab& operator=(const NewSlab&) = delete;
  ~NewSlab() {
    if (slab_) api_.release_slab(slab_);
  }
  wf_slab** out() { return &slab_; }

  /** null where there is none. */
  Napi::Value hand_over(Napi::Env env) {
    if (!slab_) return env.Null();
    Napi::Object object = Napi::Object::New(env);
    object.Set("layout", Napi::String::New(env, slab_->layout));
    object.Set("rows", static_cast<double>(slab_->rows));
    object.Set("buffer", slab_buffer(env, api_, std::exchange(slab_, nullptr)));
    return object;
  }

 private:
  const wf_engine_api& api_;
  wf_slab* slab_ = nullptr;
};

class OpenJob final : public Job {
 public:
  OpenJob(Napi::Object params)
      : libraries_(strings_field(params, "libraries")),
        path_(string_field(params, "path")),
        options_(string_field(params, "options")),
        device_(static_cast<int>(uint32_field(params, "deviceId", 0))) {}
  void run() override { engine_ = open_engine(libraries_, path_, options_, device_); }
  Napi::Value result(Environment& environment) override {
    Napi::Object object = Napi::Object::New(environment.env());
    object.Set("description", engine_->description);
    object.Set("engine", environment.add(std::make_shared<EngineResource>(engine_)));
    return object;
  }

 private:
  std::vector<std::string> libraries_;
  std::string path_;
  std::string options_;
  int device_;
  std::shared_ptr<Engine> engine_;
};

class ConfigureJob final : public Job {
 public:
  ConfigureJob(std::shared_ptr<Engine> engine, std::string options) : engine_(std::move(engine)), options_(std::move(options)) {}
  void run() override {
    wf_error error{};
    check_engine(engine_->api, engine_->api.configure(engine_->handle, options_.c_str(), &error), error);
  }
  Napi::Value result(Environment& environment) override { return environment.env().Undefined(); }

 private:
  std::shared_ptr<Engine> engine_;
  std::string options_;
};

class UploadJob final : public RunJob {
 public:
  UploadJob(std::shared_ptr<Engine> engine, Napi::Object params)
      : RunJob(std::move(engine), params),
        schema_(string_field(params, "schema")),
        checked_(has(params, "checked") && params.Get("checked").ToBoolean().Value()),
        made_(shared_engine()) {
    for (const Napi::Value& batch : list_field(params, "batches")) {
      if (!batch.IsObject()) throw Failure("ERR_PARAMETER", "Expected an object for batches[]");
      input_.add(batch.As<Napi::Object>(), *this);
    }
  }
  Napi::Value result(Environment& environment) override { return made_.hand_over(environment); }

 protected:
  int call(const wf_run& run, wf_error& error) override {
    wf_run own = run;
    own.checked = checked_ ? 1 : 0;
    return engine().api.upload(engine().handle, &own, schema_.c_str(), input_.batches().data(), input_.batches().size(),
                               made_.out(), &error);
  }

 private:
  std::string schema_;
  bool checked_;
  ArrowInput input_;
  NewTable made_;
};

/** A plan and the tables that it names. */
class PlanJob : public RunJob {
 public:
  PlanJob(Environment& environment, Napi::Object params)
      : RunJob(engine_field(environment, params), params), plan_(string_field(params, "plan")) {
    for (const Napi::Value& value : list_field(params, "tables")) {
      if (!value.IsArray()) throw Failure("ERR_PARAMETER", "Expected [id, table] for tables[]");
      const auto pair = value.As<Napi::Array>();
      const Napi::Value id = pair.Get(0U);
      const Napi::Value table = pair.Get(1U);
      if (!id.IsNumber() || !table.IsNumber()) throw Failure("ERR_PARAMETER", "Expected [id, table] for tables[]");
      ids_.push_back(id.As<Napi::Number>().Int64Value());
      tables_.push_back(environment.get<TableResource>(table.As<Napi::Number>().Uint32Value(), "table"));
    }
  }

 protected:
  const char* plan() const { return plan_.c_str(); }
  /** On the device's thread: a table may have been released while the job waited. */
  std::vector<wf_table_ref> references() const {
    std::vector<wf_table_ref> references;
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      if (tables_[i]->engine() != shared_engine()) throw Failure("ERR_PARAMETER", "A table of another engine");
      references.push_back({ids_[i], tables_[i]->get("table")});
    }
    return references;
  }

 private:
  std::string plan_;
  std::vector<std::int64_t> ids_;
  std::vector<std::shared_ptr<TableResource>> tables_;
};

class ExecuteJob final : public PlanJob {
 public:
  ExecuteJob(Environment& environment, Napi::Object params) : PlanJob(environment, params), made_(shared_engine()) {}
  Napi::Value result(Environment& environment) override {
    Napi::Object object = made_.hand_over(environment);
    object.Set("trace", trace_);
    return object;
  }

 protected:
  int call(const wf_run& run, wf_error& error) override {
    const std::vector<wf_table_ref> tables = references();
    char* trace = nullptr;
    const int rc = engine().api.execute(engine().handle, &run, plan(), tables.data(), tables.size(), made_.out(), &trace, &error);
    trace_ = take_text(engine().api, trace);
    return rc;
  }

 private:
  std::string trace_;
  NewTable made_;
};

class StreamJob final : public PlanJob {
 public:
  using PlanJob::PlanJob;
  ~StreamJob() override {
    if (stream_) engine().thread->post([stream = stream_, free = engine().api.stream_close] { free(stream); });
  }
  Napi::Value result(Environment& environment) override {
    Napi::Object object = Napi::Object::New(environment.env());
    object.Set("stream", environment.add(std::make_shared<StreamResource>(shared_engine(), std::exchange(stream_, nullptr),
                                                                          engine().api.stream_close)));
    return object;
  }

 protected:
  int call(const wf_run& run, wf_error& error) override {
    const std::vector<wf_table_ref> tables = references();
    return engine().api.stream_open(engine().handle, &run, plan(), tables.data(), tables.size(), &stream_, &error);
  }

 private:
  wf_stream* stream_ = nullptr;
};

class NextJob final : public RunJob {
 public:
  NextJob(std::shared_ptr<StreamResource> stream, Napi::Object params)
      : RunJob(stream->engine(), params), stream_(std::move(stream)), slab_(engine().api) {}
  Napi::Value result(Environment& environment) override { return slab_.hand_over(environment.env()); }

 protected:
  int call(const wf_run& run, wf_error& error) override {
    return engine().api.stream_next(stream_->get("stream"), &run, slab_.out(), &error);
  }

 private:
  std::shared_ptr<StreamResource> stream_;
  NewSlab slab_;
};

class DownloadJob final : public RunJob {
 public:
  DownloadJob(std::shared_ptr<TableResource> table, Napi::Object params)
      : RunJob(table->engine(), params), table_(std::move(table)), slab_(engine().api), all_(!has(params, "columns")) {
    if (!all_) columns_ = string_field(params, "columns");
    offset_ = uint32_field(params, "offset", 0);
    rows_ = has(params, "rows") ? std::int64_t{uint32_field(params, "rows")} : -1;
  }
  Napi::Value result(Environment& environment) override { return slab_.hand_over(environment.env()); }

 protected:
  int call(const wf_run& run, wf_error& error) override {
    return engine().api.download(table_->get("table"), &run, all_ ? nullptr : columns_.c_str(), offset_, rows_, slab_.out(), &error);
  }

 private:
  std::shared_ptr<TableResource> table_;
  NewSlab slab_;
  bool all_;
  std::string columns_;
  std::int64_t offset_ = 0;
  std::int64_t rows_ = -1;
};

class KernelJob final : public RunJob {
 public:
  KernelJob(Environment& environment, Napi::Object params)
      : RunJob(engine_field(environment, params), params),
        name_(string_field(params, "name")),
        params_(string_field(params, "params")) {
    for (const Napi::Value& table : list_field(params, "tables")) {
      if (!table.IsNumber()) throw Failure("ERR_PARAMETER", "Expected a number for tables[]");
      tables_.push_back(environment.get<TableResource>(table.As<Napi::Number>().Uint32Value(), "table"));
    }
    const Napi::Object arrays = object_field(params, "arrays");
    const Napi::Array names = arrays.GetPropertyNames();
    for (std::uint32_t i = 0; i < names.Length(); ++i) {
      const std::string name = names.Get(i).ToString().Utf8Value();
      const Array array = borrowed_array_of(arrays.Get(name), name.c_str(), *this);
      inputs_.push_back({name, element_type(array.type, name), array});
    }
  }
  ~KernelJob() override {
    if (result_) engine().thread->post([result = result_, free = engine().api.release_result] { free(result); });
  }
  Napi::Value result(Environment& environment) override {
    const Napi::Env env = environment.env();
    Napi::Object object = Napi::Object::New(env);
    object.Set("json", Napi::String::New(env, result_->json));
    Napi::Array tables = Napi::Array::New(env);
    for (std::size_t i = 0; i < result_->table_count; ++i) {
      NewTable table(shared_engine());
      *table.out() = std::exchange(result_->tables[i], nullptr);
      tables.Set(tables.Length(), table.hand_over(environment));
    }
    object.Set("tables", tables);
    // Host memory alone is left, which needs no thread of the device to be freed.
    const std::shared_ptr<wf_kernel_result> result(std::exchange(result_, nullptr), engine().api.release_result);
    Napi::Object arrays = Napi::Object::New(env);
    for (const wf_array& made : std::span(result->arrays, result->array_count))
      arrays.Set(made.name, typed_array(env, made.type, made.data, made.length, result));
    object.Set("arrays", arrays);
    return object;
  }

 protected:
  int call(const wf_run& run, wf_error& error) override {
    std::vector<const wf_table*> tables;
    for (const auto& table : tables_) {
      if (table->engine() != shared_engine()) throw Failure("ERR_PARAMETER", "A table of another engine");
      tables.push_back(table->get("table"));
    }
    std::vector<wf_array> arrays;
    for (const Input& input : inputs_)
      arrays.push_back({input.name.c_str(), input.type, input.array.data, input.array.length});
    const wf_kernel_call kernel{name_.c_str(), params_.c_str(), tables.data(), tables.size(), arrays.data(), arrays.size()};
    return engine().api.invoke(engine().handle, &run, &kernel, &result_, &error);
  }

 private:
  struct Input {
    std::string name;
    const char* type;
    Array array;
  };
  std::string name_;
  std::string params_;
  std::vector<std::shared_ptr<TableResource>> tables_;
  std::vector<Input> inputs_;
  wf_kernel_result* result_ = nullptr;
};

Napi::Value open(Environment& environment, Napi::Object params) {
  return environment.submit(std::make_unique<OpenJob>(params), std::make_shared<Strand>());
}

Napi::Value configure(Environment& environment, Napi::Object params) {
  const auto engine = engine_field(environment, params);
  return environment.submit(std::make_unique<ConfigureJob>(engine, string_field(params, "options")), engine->thread);
}

Napi::Value upload(Environment& environment, Napi::Object params) {
  const auto engine = engine_field(environment, params);
  return environment.submit_run(std::make_unique<UploadJob>(engine, params), engine->thread);
}

template <typename T>
Napi::Value run_plan(Environment& environment, Napi::Object params) {
  const auto engine = engine_field(environment, params);
  return environment.submit_run(std::make_unique<T>(environment, params), engine->thread);
}

Napi::Value next(Environment& environment, Napi::Object params) {
  auto stream = environment.get<StreamResource>(uint32_field(params, "stream"), "stream");
  const auto lane = stream->lane;
  return environment.submit_run(std::make_unique<NextJob>(std::move(stream), params), lane);
}

Napi::Value download(Environment& environment, Napi::Object params) {
  auto table = environment.get<TableResource>(uint32_field(params, "table"), "table");
  const auto lane = table->lane;
  return environment.submit_run(std::make_unique<DownloadJob>(std::move(table), params), lane);
}

constexpr Operation kOperations[] = {
    {"engine.open", open},
    {"engine.configure", configure},
    {"engine.upload", upload},
    {"engine.execute", run_plan<ExecuteJob>},
    {"engine.stream", run_plan<StreamJob>},
    {"engine.next", next},
    {"engine.download", download},
    {"engine.kernel", run_plan<KernelJob>},
};

}  // namespace

std::span<const Operation> engine_operations() { return kOperations; }

std::string engine_why_not(Environment& environment, std::uint32_t number, const std::string& work) {
  const auto engine = environment.get<EngineResource>(number, "GPU engine")->engine();
  char* sentence = nullptr;
  wf_error error{};
  check_engine(engine->api, engine->api.why_not(work.c_str(), &sentence, &error), error);
  return take_text(engine->api, sentence);
}

std::string engine_memory(Environment& environment, std::uint32_t number) {
  const auto engine = environment.get<EngineResource>(number, "GPU engine")->engine();
  char* json = nullptr;
  wf_error error{};
  check_engine(engine->api, engine->api.memory_info(engine->handle, &json, &error), error);
  return take_text(engine->api, json);
}

}  // namespace warpframe
