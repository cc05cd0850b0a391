import Foundation
import Testing

@testable import DeviceDrivers

@Suite("NETCONF: XML")
struct MarkupTests {
    private func read(_ text: String) throws -> Markup { try MarkupReader.read(Array(text.utf8)) }

    @Test(
        "two writings of the same have the same lines: prefixes, attribute order, white space, CDATA, character references"
    )
    func canonical() throws {
        let plain = try read(
            #"<a xmlns="urn:x"><name>e0</name><b k="1" m="2"/><c xmlns="urn:y">1 &lt; 2</c></a>"#)
        let other = try read(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <!-- hello -->
            <x:a xmlns:x="urn:x" xmlns:z='urn:y'>
              <x:b m='2' k="&#49;"></x:b>
              <x:name>e0</x:name> <?pi?>
              <z:c>1 <![CDATA[<]]> 2</z:c>
            </x:a>
            """)
        #expect(plain.canonicalLines(keys: ["name"]) == other.canonicalLines(keys: ["name"]))
        #expect(
            plain.canonicalLines(keys: ["name"]) == [
                #"<a xmlns="urn:x">"#, " <name>e0</name>", #" <b k="1" m="2"/>"#,
                #" <c xmlns="urn:y">1 &lt; 2</c>"#, "</a>",
            ])
    }

    @Test(
        "what means something else has other lines",
        arguments: [
            #"<a xmlns="urn:z"><b>1</b></a>"#, #"<a xmlns="urn:x"><b>1 </b></a>"#, #"<a xmlns="urn:x"><b>2</b></a>"#,
            #"<a xmlns="urn:x"><b xmlns="">1</b></a>"#, #"<a xmlns="urn:x"><b k="">1</b></a>"#,
            #"<a xmlns="urn:x"><b>1</b><b>1</b></a>"#, #"<a xmlns="urn:x" xmlns:k="urn:k"><b k:k="">1</b></a>"#,
        ])
    func different(_ text: String) throws {
        let plain = try read(#"<a xmlns="urn:x"><b>1</b></a>"#)
        #expect(try read(text).canonicalLines(keys: []) != plain.canonicalLines(keys: []))
    }

    @Test("lines are read again as the same, also with line feeds, quotes and foreign attributes in values")
    func roundTrip() throws {
        let element = Markup(
            "a", in: "urn:x", attributes: [.init("k", "\"<\n>&'"), .init("operation", "x", namespace: "urn:n")],
            [Markup("b", in: "urn:x", text: " two\nlines\t\r "), Markup("c", in: "", text: "]]>]]>é")])
        let lines = element.canonicalLines(keys: [])
        #expect(lines.allSatisfy { !$0.contains("\n") })
        let again = try read(lines.joined(separator: "\n"))
        #expect(again.canonicalLines(keys: []) == lines)
        #expect(try read(element.xml).canonicalLines(keys: []) == lines)
        #expect(!element.xml.contains("]]>"))
    }

    @Test("the order of elements of one name is kept, that of others is not")
    func order() throws {
        func lines(_ text: String) throws -> [String] { try read(text).canonicalLines(keys: ["id"]) }
        #expect(try lines("<a><c/><b>1</b><b>2</b><id>x</id></a>") == lines("<a><id>x</id><b>1</b><c/><b>2</b></a>"))
        #expect(try lines("<a><b>1</b><b>2</b></a>") != lines("<a><b>2</b><b>1</b></a>"))
        #expect(try lines("<a><b/><id>x</id></a>")[1] == " <id>x</id>")
    }

    @Test(
        "hostile and broken documents are refused with a reason",
        arguments: [
            ("", "no element"), ("<a>", "ends within <a>"), ("<a></b>", "did not begin"),
            ("<a/><b/>", "follows the end"),
            ("<a b='1' b='2'/>", "stands twice"), ("<a>&nosuch;</a>", "does not exist"),
            ("<a>&#0;</a>", "does not exist"),
            ("<a>&#xd800;</a>", "does not exist"), ("<a>\u{1}</a>", "control character"), ("<a b=1/>", "no quotes"),
            ("<a b='<'/>", "in an attribute"), ("<a>]]></a>", "stands in text"), ("<a><!-- -- --></a>", "in a comment"),
            ("<a><![CDATA[</a>", "no end"), ("<1a/>", "a name is missing"), ("<a:b:c/>", "is not a name"),
            ("<a xmlns:p=''/>", "may not be"), ("<a xmlns:xml='urn:x'/>", "may not be"),
            ("x<a/>", "outside of the document"),
            ("<a xmlns:p='urn:x' xmlns:q='urn:x' p:b='1' q:b='2'/>", "stands twice"),
            ("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", "document type"),
            ("<!DOCTYPE a [<!ENTITY x 'xxxxxxxx'><!ENTITY y '&x;&x;&x;'>]><a>&y;</a>", "document type"),
            ("<a><!DOCTYPE b></a>", "document type"), ("<p:a/>", "no namespace"), ("<a p:b='1'/>", "no namespace"),
            ("<a>text<b/></a>", "text stands beside"), ("<?xml version='1.0' encoding='UTF-16'?><a/>", "UTF-8"),
            ("<?xml version='1.0' encoding='ISO-8859-1'?><a/>", "UTF-8"),
        ])
    func refused(_ text: String, _ reason: String) {
        let error = #expect(throws: NETCONFGarbled.self) { try read(text) }
        #expect(error?.what.contains(reason) == true, "\(error?.what ?? "")")
    }

    @Test("bytes that are not UTF-8 are refused, and nesting has a limit")
    func limits() throws {
        #expect(throws: NETCONFGarbled("it is not UTF-8")) {
            try MarkupReader.read([60, 97, 62, 0xff, 60, 47, 97, 62])
        }
        func nested(_ depth: Int) -> String {
            String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)
        }
        _ = try read(nested(MarkupReader.deepest))
        let error = #expect(throws: NETCONFGarbled.self) { try read(nested(MarkupReader.deepest + 1)) }
        #expect(error?.what.contains("too deep") == true)
        #expect(throws: NETCONFGarbled.self) { try read(nested(100_000)) }
    }
}
