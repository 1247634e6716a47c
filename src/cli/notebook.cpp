// refloop notebook: the lesson, chapter by chapter, with its numbers computed as they are shown.
#include "teach/notebook.h"

#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "check/table.h"
#include "cli/commands.h"
#include "cli/torch_module.h"

namespace refloop::cli {
namespace {

struct NotebookOptions {
  std::string chapter;
  bool no_torch = false;
};

teach::LibTorch open_torch() {
  try {
    const parity::Library& library = load_torch(false);
    const Subject& subject = speaking_subject(library);
    const auto sums_otherwise = [&](const Case& c) {
      static const auto broken = broken_promises(subject, library.summed_by);  // tried when a chapter needs it
      return broken.contains(library.summed_by(c));
    };
    return {library.version, &subject, "", &subject_in_order(library), sums_otherwise};
  } catch (const Error& error) {
    return {.version = "", .absent = error.what()};
  }
}

int run_notebook(const NotebookOptions& options) {
  const auto open = [&] {
    return options.no_torch ? teach::LibTorch{.version = "", .absent = "--no-torch was given"} : open_torch();
  };
  teach::Lesson lesson(std::cout, open, coloured);
  if (!options.chapter.empty()) {
    teach::tell(teach::chapter(options.chapter), lesson);
    return passed;
  }
  teach::tell_introduction(lesson);
  for (const teach::Chapter& chapter : teach::chapters()) teach::tell(chapter, lesson);
  return passed;
}

}  // namespace

void add_notebook(CLI::App& program, int& exit_code) {
  auto* const command =
      program.add_subcommand("notebook", "The lesson: from a plane to batch norm, every number computed");
  const auto options = std::make_shared<NotebookOptions>();
  command->add_option("chapter", options->chapter, "one chapter; all of them if none is given");
  command->add_flag("--no-torch", options->no_torch, "without LibTorch beside the numbers: starts at once");
  std::string footer = "Chapters:\n";
  for (const teach::Chapter& chapter : teach::chapters()) {
    footer += fmt::format("  {:<12}{}\n", chapter.name, chapter.title);
  }
  command->footer(footer + "Example: refloop notebook plane");
  command->callback([options, &exit_code] { exit_code = run_notebook(*options); });
}

}  // namespace refloop::cli
