/*
 * sentences_reading.c - of methods that read, of WebDAV's questions and of what is wrong with their XML.
 */
#include "sentences.h"

static const struct sentence list[] = {
    /* GET */
    SENTENCE("There is no earlier content with this number.", "Einen früheren Inhalt mit dieser Nummer gibt es nicht.",
             "Il n’y a pas de contenu antérieur portant ce numéro.",
             "No hay ningún contenido anterior con este número.", "没有此编号的以前内容。"),
    SENTENCE("This is a collection: its address ends in a slash.",
             "Das ist eine Sammlung: ihre Adresse endet mit einem Schrägstrich.",
             "C’est une collection : son adresse se termine par une barre oblique.",
             "Esto es una colección: su dirección termina en una barra.", "这是集合：其地址以斜杠结尾。"),
    SENTENCE(
        "None of the requested ranges lies within what they were to be cut from: the instance manipulations of A-IM "
        "are done in their order.",
        "Keiner der verlangten Bereiche liegt in dem, woraus er geschnitten werden sollte: was A-IM verlangt, "
        "geschieht der Reihe nach.",
        "Aucune des plages demandées ne se trouve dans ce dont elle devait être tirée : les opérations d’A-IM se "
        "font dans leur ordre.",
        "Ninguno de los intervalos pedidos está dentro de aquello de lo que había que cortarlo: lo que pide A-IM se "
        "hace por orden.",
        "所请求的范围都不在要截取的内容之内：A-IM 的操作按其顺序进行。"),
    SENTENCE(
        "A-IM refuses the content as it is (identity;q=0), and nothing else that it accepts can be made of it. Allow "
        "identity, or name a version in If-None-Match that this server still has.",
        "A-IM lehnt den Inhalt ab, wie er ist (identity;q=0), und nichts anderes, was es annimmt, lässt sich daraus "
        "machen. Erlauben Sie identity, oder nennen Sie in If-None-Match eine Fassung, die der Server noch hat.",
        "A-IM refuse le contenu tel quel (identity;q=0), et rien d’autre de ce qu’il accepte ne peut en être tiré. "
        "Autorisez identity, ou nommez dans If-None-Match une version que le serveur a encore.",
        "A-IM rechaza el contenido tal cual (identity;q=0), y nada más de lo que admite se puede hacer de él. "
        "Permita identity, o nombre en If-None-Match una versión que el servidor aún tenga.",
        "A-IM 拒绝原样内容（identity;q=0），而它接受的其他形式又无法生成。请允许 identity，或在 If-None-Match "
        "中指明服务器仍保有的版本。"),
    SENTENCE("The file changed each time that its digest was made. Try again when nobody writes to it.",
             "Die Datei änderte sich jedes Mal, während ihre Prüfsumme gebildet wurde. Versuchen Sie es wieder, wenn "
             "niemand in sie schreibt.",
             "Le fichier a changé chaque fois que son empreinte était calculée. Réessayez quand personne n’y écrit.",
             "El archivo cambió cada vez que se calculaba su resumen. Inténtelo de nuevo cuando nadie escriba en él.",
             "每次计算摘要时文件都有改动。请在无人写入时再试。"),
    SENTENCE(
        "This file is too large for the extension integrity: its digest is made before it is sent, of 16 GiB at "
        "most. Nothing was done; ask for it without that extension.",
        "Diese Datei ist zu groß für die Erweiterung integrity: ihre Prüfsumme wird vor dem Senden gebildet, von "
        "höchstens 16 GiB. Es wurde nichts getan; fragen Sie ohne diese Erweiterung.",
        "Ce fichier est trop grand pour l’extension integrity : son empreinte est calculée avant l’envoi, pour "
        "16 Gio au plus. Rien n’a été fait ; demandez-le sans cette extension.",
        "Este archivo es demasiado grande para la extensión integrity: su resumen se calcula antes de enviarlo, de "
        "16 GiB como máximo. No se hizo nada; pídalo sin esa extensión.",
        "此文件对扩展 integrity 来说过大：发送前要计算摘要，最多 16 GiB。未执行任何操作；"
        "请不使用该扩展来请求。"),
    SENTENCE("TRACE has no content.", "TRACE hat keinen Inhalt.", "TRACE n’a pas de contenu.",
             "TRACE no lleva contenido.", "TRACE 不带内容。"),
    /* variants */
    SENTENCE("There are several variants of this. Choose one:", "Davon gibt es mehrere Varianten. Wählen Sie eine:",
             "Il en existe plusieurs variantes. Choisissez-en une :", "Hay varias variantes de esto. Elija una:",
             "此内容有多个变体。请选择一个："),
    SENTENCE("None of the variants of this is what your program asked for. There are:",
             "Keine der Varianten ist das, was Ihr Programm verlangt hat. Es gibt:",
             "Aucune des variantes n’est ce que votre programme a demandé. Il y a :",
             "Ninguna de las variantes es lo que pidió su programa. Hay:", "没有一个变体符合您的程序所要求的。现有："),
    SENTENCE(
        "This address stands for several variants and can only be read. Change the variants at their own addresses; "
        "a type map is changed by a request with the field Translate: f.",
        "Diese Adresse steht für mehrere Varianten und kann nur gelesen werden. Ändern Sie die Varianten unter ihren "
        "eigenen Adressen; eine Variantenliste wird durch eine Anfrage mit dem Feld Translate: f geändert.",
        "Cette adresse représente plusieurs variantes et ne peut être que lue. Modifiez les variantes à leurs "
        "propres adresses ; une liste de variantes se modifie par une requête avec le champ Translate: f.",
        "Esta dirección representa varias variantes y solo se puede leer. Cambie las variantes en sus propias "
        "direcciones; una lista de variantes se cambia con una petición con el campo Translate: f.",
        "此地址代表多个变体，只能读取。请在各变体自己的地址上更改；类型映射须用带 Translate: f "
        "字段的请求来更改。"),
    /* what is stored coded (method/get_stored.c) */
    SENTENCE("There is no room to decode this just now. Try again in a moment.",
             "Zum Decodieren ist gerade kein Platz. Versuchen Sie es gleich noch einmal.",
             "Il n’y a pas de place pour décoder ceci en ce moment. Réessayez dans un instant.",
             "Ahora no hay espacio para descodificar esto. Inténtelo de nuevo en un momento.",
             "目前没有空间解码此内容。请稍后再试。"),
    SENTENCE("What is stored here cannot be decoded. Ask for it in the coding that it is stored in (Accept-Encoding).",
             "Was hier gespeichert ist, lässt sich nicht decodieren. Verlangen Sie es in der Codierung, in der es "
             "gespeichert ist (Accept-Encoding).",
             "Ce qui est enregistré ici ne peut pas être décodé. Demandez-le dans le codage où il est enregistré "
             "(Accept-Encoding).",
             "Lo que está guardado aquí no se puede descodificar. Pídalo en la codificación en la que está guardado "
             "(Accept-Encoding).",
             "此处存储的内容无法解码。请以其存储所用的编码请求（Accept-Encoding）。"),
    /* WebDAV */
    SENTENCE("The XML has to come without Content-Encoding.", "Das XML muss ohne Content-Encoding kommen.",
             "Le XML doit arriver sans Content-Encoding.", "El XML tiene que llegar sin Content-Encoding.",
             "XML 不能带 Content-Encoding。"),
    SENTENCE("This method takes application/xml or text/xml.", "Diese Methode nimmt application/xml oder text/xml an.",
             "Cette méthode accepte application/xml ou text/xml.", "Este método admite application/xml o text/xml.",
             "此方法接受 application/xml 或 text/xml。"),
    SENTENCE("Depth has to be 0, 1 or infinity.", "Depth muss 0, 1 oder infinity sein.",
             "Depth doit être 0, 1 ou infinity.", "Depth tiene que ser 0, 1 o infinity.",
             "Depth 必须是 0、1 或 infinity。"),
    SENTENCE("Depth: infinity is not answered here; ask folder by folder.",
             "Depth: infinity wird hier nicht beantwortet; fragen Sie Ordner für Ordner.",
             "Depth: infinity n’obtient pas de réponse ici ; demandez dossier par dossier.",
             "Depth: infinity no se responde aquí; pregunte carpeta por carpeta.",
             "此处不回应 Depth: infinity；请逐个文件夹查询。"),
    SENTENCE("Folders offer sync-collection; there is no other report.",
             "Ordner bieten sync-collection; einen anderen Bericht gibt es nicht.",
             "Les dossiers offrent sync-collection ; il n’y a pas d’autre rapport.",
             "Las carpetas ofrecen sync-collection; no hay otro informe.",
             "文件夹支持 sync-collection；没有其他报告。"),
    SENTENCE("Depth of sync-collection has to be 0; how deep it looks is told by sync-level.",
             "Depth von sync-collection muss 0 sein; wie tief gesucht wird, sagt sync-level.",
             "Depth de sync-collection doit être 0 ; la profondeur est donnée par sync-level.",
             "Depth de sync-collection tiene que ser 0; hasta dónde mira lo dice sync-level.",
             "sync-collection 的 Depth 必须是 0；深度由 sync-level 指定。"),
    SENTENCE("This token is unknown or too old: begin anew with an empty one.",
             "Dieses Token ist unbekannt oder zu alt: beginnen Sie mit einem leeren von vorn.",
             "Ce jeton est inconnu ou trop ancien : recommencez avec un jeton vide.",
             "Este token es desconocido o demasiado viejo: empiece de nuevo con uno vacío.",
             "此令牌未知或过旧：请用空令牌重新开始。"),
    SENTENCE("There is no content; this method needs XML that says what is wanted.",
             "Es gibt keinen Inhalt; diese Methode braucht XML, das sagt, was gewünscht ist.",
             "Il n’y a pas de contenu ; cette méthode demande un XML qui dit ce qui est voulu.",
             "No hay contenido; este método necesita un XML que diga qué se quiere.",
             "没有内容；此方法需要用 XML 说明所需内容。"),
    SENTENCE("The body names too many properties.", "Der Inhalt nennt zu viele Eigenschaften.",
             "Le contenu nomme trop de propriétés.", "El contenido nombra demasiadas propiedades.",
             "内容中的属性过多。"),
    SENTENCE("The body names too much.", "Der Inhalt nennt zu viel.", "Le contenu nomme trop de choses.",
             "El contenido nombra demasiado.", "内容中的项目过多。"),
    SENTENCE("This asks for too many properties at once.", "Das verlangt zu viele Eigenschaften auf einmal.",
             "Ceci demande trop de propriétés à la fois.", "Esto pide demasiadas propiedades a la vez.",
             "一次请求的属性过多。"),
    SENTENCE("A PROPFIND asks for one of prop, allprop and propname.",
             "Ein PROPFIND verlangt eines von prop, allprop und propname.",
             "Un PROPFIND demande l’un de prop, allprop et propname.",
             "Un PROPFIND pide uno de prop, allprop y propname.", "PROPFIND 请求 prop、allprop 或 propname 之一。"),
    SENTENCE("The body has too many instructions.", "Der Inhalt hat zu viele Anweisungen.",
             "Le contenu a trop d’instructions.", "El contenido tiene demasiadas instrucciones.", "内容中的指令过多。"),
    SENTENCE("The body has no instruction.", "Der Inhalt hat keine Anweisung.", "Le contenu n’a pas d’instruction.",
             "El contenido no tiene ninguna instrucción.", "内容中没有指令。"),
    SENTENCE("The lock's owner is too long.", "Der Eigentümer der Sperre ist zu lang.",
             "Le propriétaire du verrou est trop long.", "El propietario del bloqueo es demasiado largo.",
             "锁的所有者信息过长。"),
    SENTENCE("A lock is either exclusive or shared.", "Eine Sperre ist entweder exclusive oder shared.",
             "Un verrou est soit exclusive, soit shared.", "Un bloqueo es exclusive o shared.",
             "锁只能是 exclusive 或 shared。"),
    SENTENCE("Only write locks are known.", "Nur Schreibsperren sind bekannt.",
             "Seuls les verrous d’écriture sont connus.", "Solo se conocen bloqueos de escritura.", "只支持写锁。"),
    SENTENCE("The limit is no number above zero.", "Die Begrenzung ist keine Zahl über null.",
             "La limite n’est pas un nombre supérieur à zéro.", "El límite no es un número mayor que cero.",
             "上限不是大于零的数。"),
    SENTENCE("A sync-collection report needs a sync-token, empty the first time.",
             "Ein sync-collection-Bericht braucht ein sync-token, beim ersten Mal ein leeres.",
             "Un rapport sync-collection demande un sync-token, vide la première fois.",
             "Un informe sync-collection necesita un sync-token, vacío la primera vez.",
             "sync-collection 报告需要 sync-token，首次为空。"),
    SENTENCE("The sync-level is neither 1 nor infinite.", "Das sync-level ist weder 1 noch infinite.",
             "Le sync-level n’est ni 1 ni infinite.", "El sync-level no es ni 1 ni infinite.",
             "sync-level 既不是 1 也不是 infinite。"),
    /* XML */
    SENTENCE("The XML is too long.", "Das XML ist zu lang.", "Le XML est trop long.", "El XML es demasiado largo.",
             "XML 过长。"),
    SENTENCE("The XML has too many elements.", "Das XML hat zu viele Elemente.", "Le XML a trop d’éléments.",
             "El XML tiene demasiados elementos.", "XML 的元素过多。"),
    SENTENCE("An element has too many attributes.", "Ein Element hat zu viele Attribute.",
             "Un élément a trop d’attributs.", "Un elemento tiene demasiados atributos.", "某个元素的属性过多。"),
    SENTENCE("The name of a language is too long.", "Der Name einer Sprache ist zu lang.",
             "Le nom d’une langue est trop long.", "El nombre de un idioma es demasiado largo.", "语言名称过长。"),
    SENTENCE("The XML is nested too deeply.", "Das XML ist zu tief verschachtelt.",
             "Le XML est imbriqué trop profondément.", "El XML está anidado a demasiada profundidad.",
             "XML 嵌套过深。"),
    SENTENCE("The name of a namespace is too long.", "Der Name eines Namensraums ist zu lang.",
             "Le nom d’un espace de noms est trop long.", "El nombre de un espacio de nombres es demasiado largo.",
             "命名空间的名称过长。"),
    SENTENCE("An element declares too many namespaces.", "Ein Element deklariert zu viele Namensräume.",
             "Un élément déclare trop d’espaces de noms.", "Un elemento declara demasiados espacios de nombres.",
             "某个元素声明的命名空间过多。"),
    SENTENCE("The XML refers to an external document type definition.",
             "Das XML verweist auf eine externe Dokumenttyp-Definition.",
             "Le XML renvoie à une définition de type de document externe.",
             "El XML remite a una definición de tipo de documento externa.", "XML 引用了外部的文档类型定义。"),
    SENTENCE("The XML declares an external entity.", "Das XML deklariert eine externe Entität.",
             "Le XML déclare une entité externe.", "El XML declara una entidad externa.", "XML 声明了外部实体。"),
    SENTENCE("The XML declares an entity.", "Das XML deklariert eine Entität.", "Le XML déclare une entité.",
             "El XML declara una entidad.", "XML 声明了实体。"),
    SENTENCE("The XML uses an entity that nothing in it declares.",
             "Das XML verwendet eine Entität, die nirgends darin deklariert ist.",
             "Le XML utilise une entité que rien n’y déclare.", "El XML usa una entidad que nada en él declara.",
             "XML 使用了未声明的实体。"),
    SENTENCE("The XML declares attributes with default values.", "Das XML deklariert Attribute mit Vorgabewerten.",
             "Le XML déclare des attributs avec des valeurs par défaut.",
             "El XML declara atributos con valores predeterminados.", "XML 声明了带默认值的属性。"),
    SENTENCE("The XML declares too many attributes.", "Das XML deklariert zu viele Attribute.",
             "Le XML déclare trop d’attributs.", "El XML declara demasiados atributos.", "XML 声明的属性过多。"),
    SENTENCE(
        "A folder here is below itself by a binding, so that this answer would not end. Ask folder by folder, or say "
        "by the field \"DAV: bind\" that you know bindings.",
        "Ein Ordner hier liegt durch eine Bindung unter sich selbst, so dass diese Antwort nicht enden würde. Fragen "
        "Sie "
        "Ordner für Ordner, oder sagen Sie mit dem Feld \"DAV: bind\", dass Sie Bindungen kennen.",
        "Un dossier se trouve ici sous lui-même par une liaison, si bien que cette réponse ne finirait pas. Demandez "
        "dossier par dossier, ou dites par le champ \"DAV: bind\" que vous connaissez les liaisons.",
        "Una carpeta está aquí debajo de sí misma por un enlace, así que esta respuesta no acabaría. Pregunte carpeta "
        "por carpeta, o diga con el campo \"DAV: bind\" que conoce los enlaces.",
        "此处有文件夹通过绑定位于其自身之下，因此该答复不会结束。请逐个文件夹查询，或用字段 \"DAV: bind\" "
        "说明您了解绑定。"),
    SENTENCE(
        "Folders here are reached by so many ways that this answer would be too long; ask folder by folder.",
        "Ordner sind hier auf so vielen Wegen zu erreichen, dass diese Antwort zu lang würde; fragen Sie Ordner für "
        "Ordner.",
        "Des dossiers sont atteints ici par tant de chemins que cette réponse serait trop longue ; demandez dossier "
        "par dossier.",
        "A las carpetas se llega aquí por tantos caminos que esta respuesta sería demasiado larga; pregunte carpeta "
        "por carpeta.",
        "此处的文件夹可通过过多路径到达，答复会过长；请逐个文件夹查询。"),
};

const struct sentences sentences_reading = SENTENCES(list);
