{
  "targets": [
    {
      "target_name": "mpi",
      "sources": [
        "native/addon.cpp",
        "native/communicator.cpp",
        "native/open_mpi.cpp",
      ],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=8", "NODE_ADDON_API_DISABLE_DEPRECATED"],
      "cflags_cc": ["-std=c++20", "-Wall", "-Wextra", "-fvisibility=hidden"],
      "cflags!": ["-fno-exceptions"],
      "cflags_cc!": ["-fno-exceptions", "-std=gnu++17"],
      "libraries": ["-ldl"],
      "conditions": [
        [
          "OS=='mac'",
          {
            "libraries!": ["-ldl"],
            "xcode_settings": {
              "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
              "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
              "MACOSX_DEPLOYMENT_TARGET": "13.0",
            },
          },
        ],
      ],
    },
  ],
}
