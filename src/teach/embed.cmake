# Writes OUTPUT, which defines teach::embedded_files: the text of each of FILES, relative to ROOT.
set(entries "")
foreach(file IN LISTS FILES)
  file(READ "${ROOT}/${file}" text)
  string(APPEND entries "    {\"${file}\", R\"source(${text})source\"},\n")
endforeach()
file(WRITE "${OUTPUT}" "#include \"teach/source_text.h\"\n\n"
                       "const std::vector<refloop::teach::EmbeddedFile> refloop::teach::embedded_files{\n${entries}};\n")
