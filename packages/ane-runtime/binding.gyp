{
  # The engine exists on Apple silicon only. Elsewhere there is nothing to build.
  "conditions": [
    ["OS=='mac' and target_arch=='arm64'", {
      "targets": [
        {
          "target_name": "ane_runtime",
          "sources": [
            "native/ane/attributes.mm",
            "native/ane/device_info.mm",
            "native/ane/energy.mm",
            "native/ane/failure.mm",
            "native/ane/folder.mm",
            "native/ane/framework.mm",
            "native/ane/live_models.mm",
            "native/ane/model.mm",
            "native/ane/model_steps.mm",
            "native/ane/request_cache.mm",
            "native/ane/surface.mm",
            "native/ane/system_info.cpp",
            "native/binding/addon.cpp",
            "native/binding/async_job.cpp",
            "native/binding/failure_error.cpp",
            "native/binding/model_object.cpp",
            "native/binding/surface_object.cpp",
          ],
          "include_dirs": ["native", "<!(node -p \"require('node-addon-api').include_dir\")"],
          "defines": ["NAPI_VERSION=8", "NODE_ADDON_API_CPP_EXCEPTIONS"],
          "xcode_settings": {
            "CLANG_CXX_LANGUAGE_STANDARD": "c++17",
            "CLANG_ENABLE_OBJC_ARC": "NO",
            "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
            "GCC_ENABLE_OBJC_EXCEPTIONS": "YES",
            "GCC_OPTIMIZATION_LEVEL": "2",
            "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
            "MACOSX_DEPLOYMENT_TARGET": "13.0",
            "WARNING_CFLAGS": ["-Wall", "-Wextra", "-Werror=objc-method-access", "-Werror=undeclared-selector"],
          },
          "link_settings": {
            "libraries": ["-framework Foundation", "-framework CoreFoundation", "-framework IOSurface"],
          },
        },
      ],
    }, {
      "targets": [{ "target_name": "ane_runtime", "type": "none" }],
    }],
  ],
}
