/// The statuses that this server answers with.
enum HTTPStatus: Int, Sendable {
    case ok = 200
    case accepted = 202
    case seeOther = 303
    case notModified = 304
    case badRequest = 400
    case unauthorized = 401
    case forbidden = 403
    case notFound = 404
    case methodNotAllowed = 405
    case timeout = 408
    case conflict = 409
    case lengthRequired = 411
    case tooLarge = 413
    case addressTooLong = 414
    case unsupportedMedia = 415
    case misdirected = 421
    case tooMany = 429
    case headersTooLarge = 431
    case internalError = 500
    case notImplemented = 501
    case unavailable = 503
    case versionNotSupported = 505

    /// The words behind the number.
    var phrase: String {
        switch self {
        case .ok: "OK"
        case .accepted: "Accepted"
        case .seeOther: "See Other"
        case .notModified: "Not Modified"
        case .badRequest: "Bad Request"
        case .unauthorized: "Unauthorized"
        case .forbidden: "Forbidden"
        case .notFound: "Not Found"
        case .methodNotAllowed: "Method Not Allowed"
        case .timeout: "Request Timeout"
        case .conflict: "Conflict"
        case .lengthRequired: "Length Required"
        case .tooLarge: "Content Too Large"
        case .addressTooLong: "URI Too Long"
        case .unsupportedMedia: "Unsupported Media Type"
        case .misdirected: "Misdirected Request"
        case .tooMany: "Too Many Requests"
        case .headersTooLarge: "Request Header Fields Too Large"
        case .internalError: "Internal Server Error"
        case .notImplemented: "Not Implemented"
        case .unavailable: "Service Unavailable"
        case .versionNotSupported: "HTTP Version Not Supported"
        }
    }
}
